// An OpenID provider and a small API behind it, for tests: memory only, loopback only. Usage: node server.mjs PORT
// Everything but what stands under /test is the provider's own behaviour or a plain bearer check against its store.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const port = Number(process.argv[2]);
const url = `http://127.0.0.1:${port}`;
const callback = 'http://localhost:8080/v1/oauth/callback';
const pageCount = 5;
const pageSize = 4;

const client = (id, secret, method) => ({
  client_id: id, client_secret: secret, token_endpoint_auth_method: method,
  redirect_uris: [callback], grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'],
});

const provider = new Provider(url, {
  clients: [
    client('listbackup', 'post-secret', 'client_secret_post'),
    // Characters that RFC 6749 wants encoded before they go into the header.
    client('listbackup:basic', 'a secret/with+%:signs', 'client_secret_basic'),
  ],
  features: { devInteractions: { enabled: true }, revocation: { enabled: true } },
  pkce: { required: () => true },
  rotateRefreshToken: () => true,
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  ttl: { AccessToken: 3600, AuthorizationCode: 60, RefreshToken: 86400, Grant: 86400, Interaction: 600, Session: 3600, IdToken: 3600 },
});

let refreshes = 0;
let expireAtPage = 0;
let newest = null;
provider.on('access_token.saved', (token) => { newest = token; });
provider.on('grant.success', (ctx) => { if (ctx.oidc.params.grant_type === 'refresh_token') refreshes += 1; });

const answer = (response, status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

async function items(request, response, query) {
  const token = await provider.AccessToken.find(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '');
  const page = Number(query.get('page') ?? 1);
  if (token && page === expireAtPage) {
    // As if its time had come between two pages.
    expireAtPage = 0;
    await token.destroy();
    return answer(response, 401, { error: 'invalid_token' });
  }
  if (!token) return answer(response, 401, { error: 'invalid_token' });
  const first = (page - 1) * pageSize + 1;
  return answer(response, 200, { items: page > pageCount ? [] : Array.from({ length: pageSize }, (_, i) => ({ id: first + i })) });
}

async function control(path, response, query) {
  if (path === '/test/expire') await newest.destroy();
  else if (path === '/test/expire-at') expireAtPage = Number(query.get('page'));
  // What a person does on the provider's page of connected apps.
  else if (path === '/test/revoke') await Promise.all(['AccessToken', 'RefreshToken'].map((kind) => provider[kind].revokeByGrantId(newest.grantId)).concat((await provider.Grant.find(newest.grantId)).destroy()));
  else if (path !== '/test/refreshes') return answer(response, 404, {});
  return answer(response, 200, { refreshes });
}

const oidc = provider.callback();
createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, url);
  const handled = pathname === '/items' ? items(request, response, searchParams) : pathname.startsWith('/test/') ? control(pathname, response, searchParams) : null;
  if (handled === null) oidc(request, response);
  else handled.catch((error) => answer(response, 500, { error: String(error) }));
}).listen(port, '127.0.0.1');
