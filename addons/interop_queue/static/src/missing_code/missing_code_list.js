import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { listView } from "@web/views/list/list_view";
import { ListController } from "@web/views/list/list_controller";

/**
 * Rows are saved on the way to the next one, without a button that could answer. So what the
 * saved one has set going is said here.
 */
export class MissingCodeListController extends ListController {
    setup() {
        super.setup();
        this.notification = useService("notification");
    }

    async onRecordSaved(record) {
        await super.onRecordSaved(...arguments);
        // What the server answered is put into the record right after this.
        browser.setTimeout(() => {
            if (record.data.told) {
                this.notification.add(record.data.told, { type: "success" });
            }
        });
    }
}

registry.category("views").add("interop_missing_code_list", {
    ...listView,
    Controller: MissingCodeListController,
});
