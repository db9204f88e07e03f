import { Component, useState } from "@odoo/owl";
import { ArgumentsForm } from "./arguments_form";
import { TargetBox } from "./target_box";

/** One row: source, target, what is done in between, and what is wrong with it. */
export class MappingRow extends Component {
    static template = "interop_document.MappingRow";
    static components = { ArgumentsForm, TargetBox };
    static props = {
        row: Object,
        number: Number,
        isActive: Boolean,
        isOpen: Boolean,
        taken: { type: [Object, { value: null }], optional: true },
        problems: Array,
        lost: { type: String, optional: true },
        decision: { type: [Object, { value: null }], optional: true },
        converters: Array,
        crosswalks: Array,
        targets: Array,
        isFirst: Boolean,
        isLast: Boolean,
        onChange: Function,
        onActive: Function,
        onToggle: Function,
        onRemove: Function,
        onMove: Function,
        onTakeHere: Function,
        onDragRow: Function,
        onDropRow: Function,
        isDraggingPlace: Function,
        isDraggingRow: Function,
    };

    setup() {
        this.state = useState({ over: "" });
    }

    get isList() {
        return this.props.row.target.trim().endsWith("[]");
    }

    get depth() {
        return (this.props.row.target.replace(/\[\]$/, "").match(/\[\]/g) || []).length;
    }

    get sourceField() {
        return this.isList ? "each" : "source";
    }

    get converter() {
        return this.props.converters.find(({ code }) => code === this.props.row.converter);
    }

    get crosswalk() {
        return this.props.crosswalks.find(({ id }) => id === this.props.row.crosswalk_id);
    }

    /** What the row does with the value, in few words. */
    get summary() {
        const { row } = this.props;
        const parts = [];
        if (this.converter) {
            const told = Object.values(row.arguments)
                .filter((value) => typeof value !== "object")
                .join(", ");
            parts.push(told ? `${this.converter.label} (${told})` : this.converter.label);
        }
        if (this.crosswalk) {
            parts.push(this.crosswalk.name);
        }
        if (row.default) {
            parts.push(`else “${row.default}”`);
        }
        if (row.when) {
            parts.push(`if ${row.when}`);
        }
        return parts.join(" · ");
    }

    set(field, value, typed = false) {
        this.props.onChange({ [field]: value }, typed ? field : null);
    }

    /** A target that becomes a list takes entries, and the other way round. */
    setTarget(target) {
        const { row } = this.props;
        const values = { target };
        if (target.trim().endsWith("[]") && row.source && !row.each) {
            Object.assign(values, { each: row.source, source: "" });
        } else if (!target.trim().endsWith("[]") && row.each && !row.source) {
            Object.assign(values, { source: row.each, each: "" });
        }
        this.props.onChange(values, "target");
    }

    onConverter(ev) {
        this.props.onChange({ converter: ev.target.value, arguments: {} });
    }

    onKeydown(ev) {
        if (ev.altKey && ["ArrowUp", "ArrowDown"].includes(ev.key)) {
            ev.preventDefault();
            ev.stopPropagation();
            this.props.onMove(ev.key === "ArrowUp" ? -1 : 1);
        }
    }

    onSourceKeydown(ev) {
        if (ev.key === "Enter" && this.props.taken) {
            ev.preventDefault();
            this.props.onTakeHere();
        }
    }

    onDragOver(ev) {
        const isPlace = this.props.isDraggingPlace();
        if (isPlace || this.props.isDraggingRow()) {
            ev.preventDefault();
            ev.dataTransfer.dropEffect = isPlace ? "link" : "move";
            this.state.over = isPlace ? "place" : "row";
        }
    }

    onDrop(ev) {
        ev.preventDefault();
        ev.stopPropagation();
        this.state.over = "";
        if (this.props.isDraggingPlace()) {
            this.props.onTakeHere();
        } else {
            this.props.onDropRow();
        }
    }
}
