const signIn = 'ANTHROPIC_API_KEY ANTHROPIC_AUTH_TOKEN CLAUDE_CODE_OAUTH_TOKEN CLAUDE_CONFIG_DIR';
const routing = 'ANTHROPIC_BASE_URL ANTHROPIC_CUSTOM_HEADERS CLAUDE_CODE_MAX_RETRIES';
const bedrock =
  'CLAUDE_CODE_USE_BEDROCK ANTHROPIC_BEDROCK_BASE_URL AWS_REGION AWS_DEFAULT_REGION AWS_PROFILE AWS_ACCESS_KEY_ID ' +
  'AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_BEARER_TOKEN_BEDROCK AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE';
const vertex =
  'CLAUDE_CODE_USE_VERTEX ANTHROPIC_VERTEX_BASE_URL ANTHROPIC_VERTEX_PROJECT_ID CLOUD_ML_REGION ' +
  'GOOGLE_APPLICATION_CREDENTIALS';
const proxies = 'HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy';
const certificates = 'NODE_EXTRA_CA_CERTS SSL_CERT_FILE SSL_CERT_DIR';

/**
 * Variables of the executor's environment that sign a Claude in and route it. Nothing else reaches it, so
 * that a bridge started by a Claude does not pass that Claude's own markers on.
 */
export const claudeEnvironmentNames: readonly string[] = [
  signIn,
  routing,
  bedrock,
  vertex,
  proxies,
  certificates,
].flatMap((group) => group.split(' '));
