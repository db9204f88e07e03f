import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { ControlPanel } from "@web/search/control_panel/control_panel";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useSetupAction } from "@web/search/action_hook";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { onWillStart, useRef, useState } from "@odoo/owl";
import { History } from "./history";
import { MappingRow } from "./mapping_row";
import { ResultPane } from "./result_pane";
import { NO_ROW, RowEditing } from "./row_editing";
import { SourceTree } from "./source_tree";
import { TargetBox } from "./target_box";

const MODEL = "interop.mapping";

/**
 * Rows between a sample and its result. The server is asked what unsaved rows make of the sample;
 * nothing is written until Save, and the sample is kept nowhere but on this screen.
 */
export class MappingEditor extends RowEditing {
    static template = "interop_document.MappingEditor";
    static components = { ControlPanel, MappingRow, ResultPane, SourceTree, TargetBox };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.rowList = useRef("rows");
        const { params, context } = this.props.action;
        this.mappingId =
            params?.mapping_id || context?.active_id || params?.active_id || this.props.resId;
        this.history = new History();
        this.keys = 0;
        this.asked = 0;
        this.dragged = null;
        this.state = useState({
            rows: [],
            text: "",
            codec: "json",
            wanted: "",
            flowId: 0,
            tried: null,
            trying: false,
            taken: null,
            target: "",
            refused: "",
            active: 0,
            open: {},
            pasting: "",
            draft: "",
            onlyUnused: false,
            over: "",
            suggested: null,
            saving: false,
            steps: 0,
        });
        this.later = useDebounced(() => this.try(), 250);
        onWillStart(async () => {
            if (this.mappingId) {
                await this.load();
            }
        });
        useHotkey("control+z", () => this.undo(), { bypassEditableProtection: true, global: true });
        useHotkey("control+y", () => this.redo(), { bypassEditableProtection: true, global: true });
        useSetupAction({
            beforeLeave: ({ forceLeave } = {}) => forceLeave || this.mayLeave(),
            beforeUnload: (ev) => this.isDirty && ev.preventDefault(),
        });
    }

    async load() {
        const opened = await this.ask("editor_open");
        this.opened = opened;
        this.state.rows = opened.rows.map((row) => this.keyed(row));
        this.stamp = opened.stamp;
        this.saved = this.written;
        this.state.text = opened.example;
        this.state.pasting = opened.example ? "" : "source";
        this.state.codec = opened.codecs[0]?.code || "json";
        this.state.flowId = opened.flows[0]?.id || 0;
        this.props.updateActionState?.({ resId: this.mappingId });
        await this.try();
    }

    ask(method, ...args) {
        return this.orm.silent.call(MODEL, method, [[this.mappingId], ...args]);
    }

    /** Rows as the server takes them. */
    get plain() {
        return this.state.rows.map(({ key, ...row }) => row);
    }

    get written() {
        return JSON.stringify(this.plain);
    }

    get isDirty() {
        return this.written !== this.saved;
    }

    get isOut() {
        return this.opened.direction === "out";
    }

    // -- trying ------------------------------------------------------------------------------------

    async try() {
        const asked = ++this.asked;
        const { text, codec, wanted, flowId } = this.state;
        this.state.trying = true;
        try {
            const tried = await this.ask("editor_try", this.plain, text, codec, wanted, flowId);
            if (asked === this.asked) {
                this.state.tried = tried;
            }
        } finally {
            if (asked === this.asked) {
                this.state.trying = false;
            }
        }
    }

    get openTargets() {
        const targets = this.state.tried?.targets || [];
        return targets
            .filter((target) => !target.row && !target.opens)
            .sort((one, other) => other.required - one.required);
    }

    get unusedCount() {
        return (this.state.tried?.tree || []).filter((node) => node.leaf && !node.used).length;
    }

    problemsOf(number) {
        const found = this.state.tried?.rows || [];
        return found.filter(({ row }) => row === number).map(({ sentence }) => sentence);
    }

    lostOf(number) {
        return this.state.tried?.lost.find(({ row }) => row === number)?.reason || "";
    }

    decisionOf(number) {
        return this.state.tried?.decided.find(({ row }) => row === number) || null;
    }

    // -- the sample --------------------------------------------------------------------------------

    paste(what) {
        this.state.pasting = what;
        this.state.draft = what === "wanted" ? this.state.wanted : this.state.text;
    }

    async useSample(text) {
        if (text.length > this.opened.longest) {
            this.notification.add(
                _t("The sample is larger than 1 MB. Take one message out of it."),
                { type: "warning" },
            );
            return;
        }
        const what = this.state.pasting === "wanted" ? "wanted" : "text";
        this.state[what] = text;
        await this.try();
        const problem = this.state.tried[what === "wanted" ? "wanted_problem" : "problem"];
        if (!problem) {
            this.state.pasting = "";
            this.state.draft = "";
        }
    }

    async upload(ev) {
        const [file] = ev.target.files;
        ev.target.value = "";
        if (!file) {
            return;
        }
        if (file.size > this.opened.longest) {
            await this.useSample(" ".repeat(this.opened.longest + 1));
            return;
        }
        await this.useSample(await file.text());
    }

    chooseFlow(ev) {
        this.state.flowId = Number(ev.target.value);
        this.try();
    }

    // -- taking a place somewhere ------------------------------------------------------------------

    async take(node) {
        this.state.taken = node;
        this.state.refused = "";
        this.state.target = "";
        if (this.isOut) {
            const offered = await this.ask(
                "editor_take",
                this.plain,
                node.path,
                "",
                -1,
                node.opens,
            );
            this.state.target = offered.target || "";
        }
    }

    release() {
        const { taken } = this.state;
        this.state.taken = null;
        this.state.refused = "";
        if (taken) {
            document.querySelector(".o_interop_tree [tabindex='0']")?.focus();
        }
    }

    drag(node) {
        this.dragged = { node };
    }

    dragRow(index, ev) {
        ev.dataTransfer.effectAllowed = "move";
        ev.dataTransfer.setData("text/plain", String(index + 1));
        this.dragged = { row: index };
    }

    dropRow(index) {
        this.move(this.dragged.row, index);
        this.dragged = null;
    }

    allowDrop(where, ev) {
        if (this.dragged?.node) {
            ev.preventDefault();
            this.state.over = where;
        }
    }

    /** What is dragged, or else what was taken by keyboard. */
    get inHand() {
        return this.dragged?.node || this.state.taken;
    }

    async put(target, row = -1) {
        const node = this.inHand;
        this.dragged = null;
        this.state.over = "";
        if (!node) {
            return;
        }
        const answer = await this.ask(
            "editor_take",
            this.plain,
            node.path,
            target,
            row,
            node.opens,
        );
        if (answer.problem) {
            this.state.taken = node;
            this.state.target = target;
            this.state.refused = answer.problem;
            return;
        }
        const known = this.state.rows;
        this.before();
        this.state.rows = answer.rows.map((given, place) =>
            this.keyed({ ...given, key: known[answer.before[place]]?.key }),
        );
        this.state.taken = null;
        this.state.refused = "";
        this.focusRow(answer.place + 1, ".o_interop_more");
        this.later();
    }

    async dropNew(ev) {
        ev.preventDefault();
        const { node } = this.dragged || {};
        this.dragged = null;
        this.state.over = "";
        if (node) {
            await this.take(node);
        }
    }

    // -- suggestions -------------------------------------------------------------------------------

    async suggest() {
        const { text, codec, wanted } = this.state;
        this.state.suggested = await this.ask("editor_suggest", this.plain, text, codec, wanted);
    }

    async accept(pair) {
        this.state.suggested = this.state.suggested.filter((each) => each !== pair);
        this.state.taken = { path: pair.source, opens: false };
        await this.put(pair.target);
    }

    decline(pair) {
        this.state.suggested = this.state.suggested.filter((each) => each !== pair);
    }

    // -- saving ------------------------------------------------------------------------------------

    async save() {
        this.state.saving = true;
        try {
            const saved = await this.orm.call(MODEL, "editor_save", [
                [this.mappingId],
                this.plain,
                this.stamp,
            ]);
            this.stamp = saved.stamp;
            this.state.rows.forEach((row, index) =>
                Object.assign(row, { ...NO_ROW, ...saved.rows[index] }),
            );
            this.saved = this.written;
            this.notification.add(_t("Saved. Flows use it once they are published anew."), {
                type: "success",
            });
        } finally {
            this.state.saving = false;
        }
    }

    openCrosswalk(id) {
        this.action.doAction(
            {
                type: "ir.actions.act_window",
                res_model: "interop.crosswalk",
                res_id: id,
                views: [[false, "form"]],
                target: "new",
            },
            { onClose: () => this.try() },
        );
    }

    mayLeave() {
        if (!this.opened || !this.isDirty) {
            return true;
        }
        return new Promise((resolve) =>
            this.dialog.add(
                ConfirmationDialog,
                {
                    body: _t("Your changes of the rows are not saved."),
                    confirmLabel: _t("Discard them"),
                    cancelLabel: _t("Stay here"),
                    confirm: () => resolve(true),
                    cancel: () => resolve(false),
                },
                { onClose: () => resolve(false) },
            ),
        );
    }
}

registry.category("actions").add("interop_mapping_editor", MappingEditor);
