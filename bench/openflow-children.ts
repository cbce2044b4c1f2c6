/**
 * What the benches of OpenFlow and OVSDB run in processes of their own: a switch, a controller, what echoes without being a
 * switch, a database server and its clients. Each loads its own parts only.
 */

/** Does what a bench asks of a process of its own; gives the exit status. */
export const runChild = async ([what = '', ...words]: string[]): Promise<number> => {
  if (what === 'serve') {
    const { serve } = await import('./openflow-serve.ts')
    return serve(words[0] as string)
  }
  if (what === 'controller') {
    const { controller } = await import('./openflow-controller.ts')
    return controller(words[0] as string, Number(words[1]), Number(words[2]))
  }
  if (what === 'ovsdb-server') {
    const { ovsdbServer } = await import('../src/cli/ovsdb-server.ts')
    return ovsdbServer(words)
  }
  if (what === 'ovsdb-fill' || what === 'ovsdb-race') {
    const { ovsdbFill, ovsdbRace } = await import('./ovsdb-client.ts')
    return what === 'ovsdb-fill' ? ovsdbFill(words) : ovsdbRace(words)
  }
  const { echoClient, echoServer } = await import('./openflow-echo.ts')
  const [path = '', size, count] = words
  return what === 'echo-server' ? echoServer(path) : echoClient(path, Number(size), Number(count))
}
