import type { Position, Problem } from '../problem.js'

/** A configuration as written: ordered sections of ordered keys, every value still text. */
export interface ConfigDocument {
  readonly format: Format
  readonly sections: readonly Section[]
}

export type Format = 'yaml' | 'json' | 'ini'

export interface Section {
  readonly name: string
  readonly at: Position
  readonly entries: readonly Entry[]
}

/** `key` carries its scope: `priority@node2`. */
export interface Entry {
  readonly key: string
  readonly value: string
  readonly at: Position
  readonly valueAt: Position
}

/** What a reader of one format gives: as much as it understood, and what it did not. */
export interface Reading {
  readonly sections: readonly Section[]
  readonly problems: readonly Problem[]
}

/** Collects sections as they are met; a second section or key of one name is a problem, not a silent overwrite. */
export class Draft {
  readonly problems: Problem[] = []
  private readonly sections: { name: string; at: Position; entries: Entry[] }[] = []

  section(name: string, at: Position): void {
    const known = this.sections.find((section) => section.name === name)
    if (known !== undefined)
      this.problem(at, `section ${name} is there twice: first at line ${known.at.line}`)
    this.sections.push({ name, at, entries: [] })
  }

  entry(entry: Entry): void {
    const section = this.sections.at(-1)
    if (section === undefined) return this.problem(entry.at, `${entry.key} stands before the first section`)
    const known = section.entries.find((other) => other.key === entry.key)
    if (known !== undefined) {
      this.problem(entry.at, `${section.name}.${entry.key} is there twice: first at line ${known.at.line}`)
    } else if (/[^\P{Cc}\t\n]/u.test(entry.value)) {
      this.problem(entry.valueAt, `${section.name}.${entry.key} holds a control character`)
    } else section.entries.push(entry)
  }

  problem(at: Position | null, what: string): void {
    this.problems.push({ at, what })
  }

  reading(): Reading {
    return { sections: this.sections, problems: this.problems }
  }
}
