import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component, useState } from "@odoo/owl";

const COLOURS = {
    public: "success",
    internal: "info",
    confidential: "warning",
    personal: "primary",
    health: "danger",
    secret: "dark",
};
const TRUTHS = {
    odoo: _t("Odoo's value counts"),
    partner: _t("The partner's value counts"),
    shared: _t("A rule or a person decides"),
};
// Above so many fields a page begins with its groups closed.
const OPEN_UP_TO = 30;

/**
 * The fields of a document type as a tree: groups open and close, and a search shows what it finds
 * with the groups around it. The rows come from `lib/tree.py`, in document order.
 */
export class FieldTree extends Component {
    static template = "interop_document.FieldTree";
    static props = { ...standardFieldProps };

    setup() {
        const closed = this.rows.length > OPEN_UP_TO ? this.groups : [];
        this.state = useState({ query: "", sensitivity: "", closed: new Set(closed) });
    }

    get rows() {
        return this.props.record.data[this.props.name] || [];
    }

    get groups() {
        return this.rows.filter((row) => !row.leaf).map((row) => row.path);
    }

    /** The classes that occur, each once, for the filter. */
    get sensitivities() {
        const found = new Map(this.rows.filter((r) => r.leaf).map((r) => [r.sensitivity, r.label]));
        return Object.keys(COLOURS)
            .filter((name) => found.has(name))
            .map((name) => ({ name, label: found.get(name) }));
    }

    get narrowed() {
        return Boolean(this.state.query.trim() || this.state.sensitivity);
    }

    get visible() {
        return this.narrowed ? this.found : this.open;
    }

    get open() {
        const hidden = new Set();
        return this.rows.filter((row) => {
            if (hidden.has(row.parent) || this.state.closed.has(row.parent)) {
                hidden.add(row.path);
                return false;
            }
            return true;
        });
    }

    get found() {
        const words = this.state.query.toLowerCase().split(/\s+/).filter(Boolean);
        const { sensitivity } = this.state;
        const kept = new Set();
        for (const row of [...this.rows].reverse()) {
            const text =
                `${row.title} ${row.path} ${row.description} ${row.code_list}`.toLowerCase();
            const matches =
                words.every((word) => text.includes(word)) &&
                (!sensitivity || row.sensitivity === sensitivity);
            if (matches || kept.has(row.path)) {
                kept.add(row.path).add(row.parent);
            }
        }
        return this.rows.filter((row) => kept.has(row.path));
    }

    get count() {
        const found = this.visible.filter((row) => row.leaf).length;
        return this.narrowed ? _t("%s fields found", found) : "";
    }

    colour(row) {
        return COLOURS[row.sensitivity];
    }

    truth(row) {
        return TRUTHS[row.truth];
    }

    isClosed(row) {
        return !this.narrowed && this.state.closed.has(row.path);
    }

    toggle(row) {
        if (!this.state.closed.delete(row.path)) {
            this.state.closed.add(row.path);
        }
    }

    openAll() {
        this.state.closed.clear();
    }

    closeAll() {
        this.state.closed = new Set(this.groups);
    }
}

registry.category("fields").add("interop_field_tree", {
    component: FieldTree,
    supportedTypes: ["json"],
});
