/** Switches and controllers that `mn` knows and that are on no machine here, as on most others: what it says then. */
import type { Box } from './box.ts'
import { Controller, type ControllerParams, MissingProgram, missingProgram } from './controller.ts'
import { Switch, type SwitchParams } from './switch.ts'

/** The Indigo virtual switch. */
export class IVSSwitch extends Switch {
  constructor(box: Box, name: string, params: SwitchParams = {}) {
    super(box, name, params)
    const path = box.machine.init.env.get('PATH') ?? ''
    throw missingProgram('ivs-ctl', path, 'Indigo Virtual Switch (projectfloodlight.org)')
  }

  async start(): Promise<void> {}

  async dpctl(): Promise<string> {
    return "can't run dpctl without passive listening port"
  }
}

/** A controller of NOX, which is looked for where the environment says. */
export class NOX extends Controller {
  static override readonly params: readonly string[] = ['noxArgs']

  constructor(box: Box, name: string, params: ControllerParams & { noxArgs?: string } = {}) {
    if (!params.noxArgs) box.output.warn('warning: no NOX modules specified; running packetdump only\n')
    const directory = box.machine.init.env.get('NOX_CORE_DIR')
    if (directory === undefined) throw new MissingProgram('exiting; please set missing NOX_CORE_DIR env var')
    const cargs = `--libdir=/usr/local/lib -v -i ptcp:%s ${params.noxArgs || 'packetdump'}`
    super(box, name, { command: `${directory}/nox_core`, cargs, cdir: directory, ...params })
  }
}
