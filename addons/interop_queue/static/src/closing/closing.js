import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component, onWillUnmount, onWillUpdateProps, useState } from "@odoo/owl";

/**
 * Seconds until what is shown closes. At the end the record is loaded anew: the server gives
 * nothing any more, so nothing stays on a screen that was left alone. Counted from when the
 * server said it, so the computer's own clock does not matter.
 */
export class Closing extends Component {
    static template = "interop_queue.Closing";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ left: 0 });
        this.begin(this.props);
        onWillUpdateProps((props) => this.begin(props));
        const timer = setInterval(() => this.tick(), 1000);
        onWillUnmount(() => clearInterval(timer));
    }

    begin(props) {
        const seconds = props.record.data[props.name] || 0;
        if (seconds !== this.seconds) {
            this.seconds = seconds;
            this.end = performance.now() + seconds * 1000;
        }
        this.state.left = this.left;
    }

    get left() {
        return Math.max(0, Math.ceil((this.end - performance.now()) / 1000));
    }

    get shown() {
        const { left } = this.state;
        return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    }

    async tick() {
        this.state.left = this.left;
        if (this.state.left || !this.seconds || this.loading) {
            return;
        }
        this.loading = true;
        await this.props.record.load();
        this.loading = false;
    }
}

registry.category("fields").add("interop_closing", {
    component: Closing,
    supportedTypes: ["integer"],
});
