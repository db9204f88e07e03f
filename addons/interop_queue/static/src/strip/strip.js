import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { Component, onWillStart, onWillUnmount, onWillUpdateProps, useState } from "@odoo/owl";

/** Milliseconds between two looks while the strip can be seen. */
const EVERY = 5000;
const HEIGHT = 32;

/** How a connector fares just now, in one line that keeps itself up to date. */
export class HealthStrip extends Component {
    static template = "interop_queue.HealthStrip";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.state = useState({ told: null, lost: false });
        onWillStart(() => this.look(this.props.record.resId));
        onWillUpdateProps((props) => this.look(props.record.resId));
        const timer = setInterval(() => this.tick(), EVERY);
        const seen = () => this.tick();
        document.addEventListener("visibilitychange", seen);
        onWillUnmount(() => {
            clearInterval(timer);
            document.removeEventListener("visibilitychange", seen);
        });
    }

    tick() {
        if (!document.hidden && !this.looking) {
            return this.look(this.props.record.resId);
        }
    }

    async look(id) {
        if (!id) {
            this.state.told = null;
            return;
        }
        this.looking = true;
        try {
            this.state.told = await this.orm.silent.call("interop.connector", "read_strip", [[id]]);
            this.state.lost = false;
        } catch {
            // What is old is shown as such: a strip that stands still must not look like a quiet one.
            this.state.lost = true;
        } finally {
            this.looking = false;
        }
    }

    get bars() {
        const { minutes } = this.state.told;
        const most = Math.max(1, ...minutes.map((each) => each.ok + each.failed));
        return minutes.map((each, place) => {
            const failed = this.high(each.failed, most);
            const ok = this.high(each.ok, most);
            return {
                place,
                x: place * 3,
                ok,
                okY: HEIGHT - failed - ok,
                failed,
                failedY: HEIGHT - failed,
                told: each.told,
            };
        });
    }

    get anything() {
        return this.state.told.minutes.some((each) => each.ok + each.failed);
    }

    /** Even one of a thousand is to be seen. */
    high(number, most) {
        return number ? Math.max(2, Math.round((number / most) * HEIGHT)) : 0;
    }

    get tone() {
        const tones = { well: "success", look: "warning", trouble: "danger" };
        return tones[this.state.told.mood] || "secondary";
    }

    async act(act) {
        const take = async () => {
            const id = this.props.record.resId;
            await this.props.record.save();
            // As a button of the form would: the answer may be a dialog, and needs its views.
            await this.action.doActionButton({
                type: "object",
                name: act.method,
                resModel: "interop.connector",
                resId: id,
                resIds: [id],
                context: {},
                onClose: async () => {
                    await this.props.record.load();
                    await this.look(id);
                },
            });
        };
        if (!act.confirm) {
            return take();
        }
        this.dialog.add(ConfirmationDialog, {
            title: act.label,
            body: act.confirm,
            confirmLabel: act.label,
            confirm: take,
            cancel: () => {},
            cancelLabel: _t("Cancel"),
        });
    }
}

registry.category("view_widgets").add("interop_health_strip", {
    component: HealthStrip,
});
