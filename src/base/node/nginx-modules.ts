import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where Linux distributions put nginx' modules. */
const folders = ['/usr/lib/nginx/modules', '/usr/lib64/nginx/modules', '/usr/share/nginx/modules'];

/** The folder of nginx' modules, if the one for Lua, with which requests are spread over endpoints, is there. */
export function nginxModules(): string | undefined {
  return folders.find((folder) => existsSync(join(folder, 'ngx_http_lua_module.so')));
}
