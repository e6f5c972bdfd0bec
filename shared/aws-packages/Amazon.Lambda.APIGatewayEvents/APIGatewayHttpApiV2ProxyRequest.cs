namespace Amazon.Lambda.APIGatewayEvents;

/// <summary>A request as API Gateway's HTTP APIs hand it to Lambda, payload format 2.0. Every part may be absent.</summary>
public class APIGatewayHttpApiV2ProxyRequest
{
    public string? Version { get; set; }

    public string? RouteKey { get; set; }

    public string? RawPath { get; set; }

    public string? RawQueryString { get; set; }

    /// <summary>One <c>name=value</c> each; they are not repeated in <see cref="Headers"/>.</summary>
    public string[]? Cookies { get; set; }

    /// <summary>Names in lower case; the values of a repeated header are joined by commas.</summary>
    public IDictionary<string, string>? Headers { get; set; }

    public ProxyRequestContext? RequestContext { get; set; }

    public string? Body { get; set; }

    public bool IsBase64Encoded { get; set; }

    public class ProxyRequestContext
    {
        public AuthorizerDescription? Authorizer { get; set; }

        public string? DomainName { get; set; }

        public HttpDescription? Http { get; set; }

        public string? RequestId { get; set; }

        public string? Stage { get; set; }
    }

    public class HttpDescription
    {
        public string? Method { get; set; }

        public string? Path { get; set; }

        public string? Protocol { get; set; }

        public string? SourceIp { get; set; }

        public string? UserAgent { get; set; }
    }

    public class AuthorizerDescription
    {
        public JwtDescription? Jwt { get; set; }

        /// <summary>What the JWT authorizer found in a token that it verified.</summary>
        public class JwtDescription
        {
            /// <summary>Claim by claim; a list arrives as text, <c>[one two]</c>.</summary>
            public IDictionary<string, string>? Claims { get; set; }

            public string[]? Scopes { get; set; }
        }
    }
}
