import { Component } from "@odoo/owl";

export const NO_ROW = {
    target: "",
    source: "",
    each: "",
    constant: "",
    converter: "",
    arguments: {},
    crosswalk_id: false,
    default: "",
    required: false,
    when: "",
    note: "",
};

/**
 * Changes of rows, each of which can be undone. Who extends it has `state.rows`, `state.active`,
 * `state.steps`, `history`, `keys`, `rowList` and `later`.
 */
export class RowEditing extends Component {
    /** A row with all its fields, and a key that it keeps wherever it moves. */
    keyed(row) {
        return { ...NO_ROW, ...row, arguments: row.arguments || {}, key: row.key || ++this.keys };
    }

    before(field = null) {
        this.history.before(this.state.rows, field);
        this.state.steps++;
        this.later();
    }

    change(index, values, field) {
        this.before(field && `${this.state.rows[index].key}.${field}`);
        Object.assign(this.state.rows[index], values);
    }

    addEmpty() {
        this.before();
        this.state.rows.push(this.keyed({}));
        this.focusRow(this.state.rows.length);
    }

    remove(index) {
        this.before();
        this.state.rows.splice(index, 1);
    }

    move(index, to) {
        if (to < 0 || to >= this.state.rows.length || to === index) {
            return;
        }
        this.before();
        const [row] = this.state.rows.splice(index, 1);
        this.state.rows.splice(to, 0, row);
        this.focusRow(to + 1, ".o_interop_grip");
    }

    get canUndo() {
        return this.state.steps >= 0 && this.history.past.length > 0;
    }

    get canRedo() {
        return this.state.steps >= 0 && this.history.future.length > 0;
    }

    undo() {
        this.restore(this.history.undo(this.state.rows));
    }

    redo() {
        this.restore(this.history.redo(this.state.rows));
    }

    restore(rows) {
        if (rows) {
            this.state.rows = rows;
            this.state.steps++;
            this.later();
        }
    }

    focusRow(number, selector = "input") {
        this.state.active = number;
        requestAnimationFrame(() => {
            const row = this.rowList.el?.querySelector(`[data-row="${number}"]`);
            row?.scrollIntoView({ block: "nearest" });
            row?.querySelector(selector)?.focus();
        });
    }
}
