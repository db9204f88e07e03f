/** What was done to the rows, to be undone. Typing in one field is one step. */
export class History {
    constructor(limit = 200) {
        this.limit = limit;
        this.past = [];
        this.future = [];
        this.typing = null;
    }

    /** Remember `rows` as they are before a change; `field` names what is being typed in. */
    before(rows, field = null) {
        if (field && field === this.typing) {
            return;
        }
        this.typing = field;
        this.past.push(JSON.stringify(rows));
        if (this.past.length > this.limit) {
            this.past.shift();
        }
        this.future = [];
    }

    undo(rows) {
        return this._step(this.past, this.future, rows);
    }

    redo(rows) {
        return this._step(this.future, this.past, rows);
    }

    _step(from, to, rows) {
        if (!from.length) {
            return null;
        }
        this.typing = null;
        to.push(JSON.stringify(rows));
        return JSON.parse(from.pop());
    }
}
