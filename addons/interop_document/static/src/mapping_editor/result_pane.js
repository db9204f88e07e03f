import { Component, useState } from "@odoo/owl";

/** What the rows make of the sample, line by line, with what is to be said about each. */
export class ResultPane extends Component {
    static template = "interop_document.ResultPane";
    static props = {
        tried: Object,
        isOut: Boolean,
        isTrying: Boolean,
        activeRow: Number,
        onRow: Function,
        onCrosswalk: Function,
    };

    setup() {
        this.state = useState({ missing: true });
    }

    get lines() {
        return this.props.tried.result?.lines || [];
    }

    get lossy() {
        return this.props.tried.lost.length;
    }

    get wrong() {
        const { schema, rows, whole } = this.props.tried;
        return schema.length + rows.length + whole.length;
    }

    /** Missing codes by crosswalk. */
    get missing() {
        const found = new Map();
        for (const each of this.props.tried.missing) {
            if (!found.has(each.crosswalk)) {
                found.set(each.crosswalk, { ...each, codes: [] });
            }
            found.get(each.crosswalk).codes.push(each.code || "a code of a person");
        }
        return [...found.values()];
    }
}
