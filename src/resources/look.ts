import type { DriverPorts } from './driver.js'

/**
 * One look at the node, shared by all resources of all services that are probed together: each question (`mounts`, `containers`,
 * `addresses of netns X`) is asked once, however many resources want the answer.
 */
export class Look {
  private readonly answers = new Map<string, Promise<unknown>>()

  constructor(readonly io: DriverPorts) {}

  once<T>(question: string, ask: (io: DriverPorts) => Promise<T>): Promise<T> {
    const known = this.answers.get(question)
    if (known !== undefined) return known as Promise<T>
    const answer = ask(this.io)
    this.answers.set(question, answer)
    return answer
  }
}
