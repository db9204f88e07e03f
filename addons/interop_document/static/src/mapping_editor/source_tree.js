import { Component, useEffect, useRef, useState } from "@odoo/owl";

/**
 * The source as a tree: walked with the arrow keys, a place is taken with Enter or dragged.
 * Comes as flat lines in document order, each with its depth.
 */
export class SourceTree extends Component {
    static template = "interop_document.SourceTree";
    static props = {
        nodes: Array,
        label: String,
        taken: { type: String, optional: true },
        onlyUnused: { type: Boolean, optional: true },
        onTake: Function,
        onRelease: Function,
        onDrag: Function,
    };

    setup() {
        this.root = useRef("root");
        this.state = useState({ closed: {}, at: 0 });
        this.moved = false;
        useEffect(
            () => {
                if (this.moved) {
                    this.moved = false;
                    this.root.el?.querySelector("[role=treeitem][tabindex='0']")?.focus();
                }
            },
            () => [this.state.at, this.moved],
        );
    }

    /** Lines that are not inside a closed group. */
    get shown() {
        const { nodes } = this.props;
        const found = [];
        let hidden = Infinity;
        nodes.forEach((node, index) => {
            if (node.depth > hidden) {
                return;
            }
            hidden = this.state.closed[node.path] ? node.depth : Infinity;
            if (!this.props.onlyUnused || this.hasUnused(index)) {
                found.push({ ...node, index });
            }
        });
        return found;
    }

    get at() {
        return Math.min(this.state.at, this.shown.length - 1);
    }

    hasUnused(index) {
        const { nodes } = this.props;
        const { depth } = nodes[index];
        for (let place = index; place < nodes.length; place++) {
            if (place > index && nodes[place].depth <= depth) {
                return false;
            }
            if (nodes[place].leaf && !nodes[place].used) {
                return true;
            }
        }
        return false;
    }

    isGroup(node) {
        return this.props.nodes[node.index + 1]?.depth > node.depth;
    }

    isOpen(node) {
        return !this.state.closed[node.path];
    }

    describe(node) {
        const parts = [node.title || node.name, node.kind];
        if (node.value) {
            parts.push(node.value);
        }
        return parts.join(", ");
    }

    toggle(node) {
        this.state.closed[node.path] = this.isOpen(node);
    }

    take(node) {
        if (node.path && (node.leaf || node.opens)) {
            this.props.onTake(node);
        }
    }

    onClick(node, place) {
        this.state.at = place;
        if (this.isGroup(node) && !node.opens) {
            this.toggle(node);
        } else {
            this.take(node);
        }
    }

    onDragStart(node, ev) {
        if (!node.path || !(node.leaf || node.opens)) {
            ev.preventDefault();
            return;
        }
        ev.dataTransfer.effectAllowed = "link";
        ev.dataTransfer.setData("text/plain", node.path);
        this.props.onDrag(node);
    }

    onKeydown(ev) {
        const shown = this.shown;
        const node = shown[this.at];
        if (!node) {
            return;
        }
        let to = this.at;
        switch (ev.key) {
            case "ArrowDown":
                to++;
                break;
            case "ArrowUp":
                to--;
                break;
            case "Home":
                to = 0;
                break;
            case "End":
                to = shown.length - 1;
                break;
            case "ArrowRight":
                if (this.isGroup(node) && !this.isOpen(node)) {
                    this.toggle(node);
                } else if (this.isGroup(node)) {
                    to++;
                }
                break;
            case "ArrowLeft":
                if (this.isGroup(node) && this.isOpen(node)) {
                    this.toggle(node);
                } else {
                    do {
                        to--;
                    } while (to > 0 && shown[to].depth >= node.depth);
                }
                break;
            case "Enter":
            case " ":
                if (this.isGroup(node) && !node.opens) {
                    this.toggle(node);
                } else {
                    this.take(node);
                }
                break;
            case "Escape":
                this.props.onRelease();
                break;
            default:
                return;
        }
        ev.preventDefault();
        ev.stopPropagation();
        to = Math.max(0, Math.min(to, shown.length - 1));
        if (to !== this.at) {
            this.moved = true;
            this.state.at = to;
        }
    }
}
