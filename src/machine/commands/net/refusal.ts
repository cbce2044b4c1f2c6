import { errnoText, type Failure } from '../../../host/index.ts'

/** Why a program ends: its message for stderr (without the last `\n`) and its status. Thrown while arguments are read. */
export class Refusal {
  readonly text: string
  readonly status: number

  constructor(text: string, status: number) {
    this.text = text
    this.status = status
  }
}

/** What iproute2 says when the kernel refuses: its sentence if it gave one, else the errno's text. */
export const kernelRefusal = ({ errno, message }: Failure): Refusal =>
  new Refusal(message === undefined ? `RTNETLINK answers: ${errnoText[errno]}` : `Error: ${message}`, 2)
