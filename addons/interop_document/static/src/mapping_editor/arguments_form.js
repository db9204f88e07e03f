import { Component } from "@odoo/owl";

/** The fixed arguments of a converter, each with a field of its kind. */
export class ArgumentsForm extends Component {
    static template = "interop_document.ArgumentsForm";
    static props = { converter: Object, values: Object, onChange: Function };

    label(parameter) {
        const text = parameter.name.replaceAll("_", " ");
        return text.charAt(0).toUpperCase() + text.slice(1);
    }

    /** A table of codes, one pair per line: `A = B`. */
    table(parameter) {
        const known = this.props.values[parameter.name] || {};
        return Object.entries(known)
            .map(([ours, theirs]) => `${ours} = ${theirs}`)
            .join("\n");
    }

    hint(parameter) {
        if (parameter.name === "pattern") {
            return "DD.MM.YYYY";
        }
        if (parameter.required || parameter.default === "") {
            return "";
        }
        return JSON.stringify(parameter.default);
    }

    onInput(parameter, ev) {
        const values = { ...this.props.values };
        const { value, checked } = ev.target;
        let given;
        switch (parameter.kind) {
            case "bool":
                given = checked;
                break;
            case "int":
            case "float":
                given = value === "" ? undefined : Number(value);
                break;
            case "dict":
                given = Object.fromEntries(
                    value
                        .split("\n")
                        .map((line) => line.split("="))
                        .filter(([ours, ...theirs]) => ours.trim() && theirs.length)
                        .map(([ours, ...theirs]) => [ours.trim(), theirs.join("=").trim()]),
                );
                break;
            default:
                // An empty text is an argument too, but only where it is not the usual one.
                given =
                    value === "" && (parameter.required || !parameter.default) ? undefined : value;
        }
        if (given === undefined || given === parameter.default) {
            delete values[parameter.name];
        } else {
            values[parameter.name] = given;
        }
        this.props.onChange(values);
    }
}
