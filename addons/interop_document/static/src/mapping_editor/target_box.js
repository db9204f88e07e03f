import { Component, useEffect, useRef, useState } from "@odoo/owl";

let count = 0;

/** A target: typed, or chosen from those that are known. The listbox pattern of ARIA's combobox. */
export class TargetBox extends Component {
    static template = "interop_document.TargetBox";
    static props = {
        value: String,
        targets: Array,
        label: String,
        placeholder: { type: String, optional: true },
        autofocus: { type: Boolean, optional: true },
        invalid: { type: Boolean, optional: true },
        onInput: Function,
        onChosen: { type: Function, optional: true },
        onEscape: { type: Function, optional: true },
    };

    setup() {
        this.id = `o_interop_targets_${count++}`;
        this.input = useRef("input");
        this.state = useState({ open: false, at: -1, typed: false });
        useEffect(
            () => {
                if (this.props.autofocus) {
                    this.input.el.focus();
                    this.input.el.select();
                }
            },
            () => [],
        );
    }

    /** What fits what was typed: those that no row fills first. */
    get options() {
        const words = this.state.typed ? this.props.value.toLowerCase().split(/\s+/) : [];
        return this.props.targets
            .filter(({ path, title }) => {
                const text = `${path} ${title}`.toLowerCase();
                return words.every((word) => text.includes(word));
            })
            .sort((one, other) => Boolean(one.row) - Boolean(other.row))
            .slice(0, 50);
    }

    get isOpen() {
        return this.state.open && this.options.length > 0;
    }

    onInput(ev) {
        this.state.open = true;
        this.state.typed = true;
        this.state.at = -1;
        this.props.onInput(ev.target.value);
    }

    onFocus() {
        this.state.typed = false;
        this.state.at = -1;
    }

    choose(path) {
        this.state.open = false;
        this.state.typed = false;
        this.props.onInput(path);
        this.props.onChosen?.(path);
    }

    onKeydown(ev) {
        const { options } = this;
        if (ev.key === "ArrowDown" || ev.key === "ArrowUp") {
            const step = ev.key === "ArrowDown" ? 1 : -1;
            if (!this.state.open) {
                this.state.open = true;
            } else {
                this.state.at = Math.max(-1, Math.min(this.state.at + step, options.length - 1));
            }
            this.scroll();
        } else if (ev.key === "Enter") {
            const chosen = this.state.open ? options[this.state.at] : null;
            this.choose(chosen ? chosen.path : this.props.value);
        } else if (ev.key === "Escape") {
            if (this.state.open) {
                this.state.open = false;
            } else {
                this.props.onEscape?.();
            }
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }

    scroll() {
        const option = document.getElementById(`${this.id}_${this.state.at}`);
        option?.scrollIntoView({ block: "nearest" });
    }
}
