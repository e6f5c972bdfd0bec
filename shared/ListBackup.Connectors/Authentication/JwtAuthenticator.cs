using System.Security.Cryptography;
using System.Text;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Authentication;

/// <summary>Signs a short-lived token for each request (RFC 7519).</summary>
internal sealed class JwtAuthenticator : Authenticator
{
    private static readonly string[] Algorithms =
        ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES256K", "ES384", "ES512", "EdDSA"];

    public required Template SecretKey { get; init; }

    public required bool Base64Key { get; init; }

    /// <summary>The key is written in hexadecimal and means the bytes (<c>x-listbackup: { secret_key: hex }</c>).</summary>
    public required bool HexKey { get; init; }

    public required string Algorithm { get; init; }

    public required int DurationSeconds { get; init; }

    public required Template? HeaderPrefix { get; init; }

    public required IReadOnlyList<TemplateTree> HeaderClaims { get; init; }

    public required IReadOnlyList<TemplateTree> PayloadClaims { get; init; }

    public required Template? Passphrase { get; init; }

    public required RequestOption? Option { get; init; }

    public static new JwtAuthenticator Parse(ComponentReader reader)
    {
        if (reader.Type != nameof(JwtAuthenticator))
            throw reader.WrongType();

        return reader.Done(new JwtAuthenticator
        {
            SecretKey = reader.Template("secret_key"),
            Base64Key = reader.Flag("base64_encode_secret_key"),
            HexKey = reader.Raw("x-listbackup") is { IsNothing: false } own && KeyIsHex(PlainReader.Of(own, $"{reader.Path}.x-listbackup", reader.Context)),
            Algorithm = reader.Has("algorithm") ? reader.Choice("algorithm", "", Algorithms) : throw reader.Missing("algorithm"),
            DurationSeconds = reader.IntegerOrNull("token_duration") ?? 1200,
            HeaderPrefix = reader.TemplateOrNull("header_prefix"),
            HeaderClaims = Trees(reader, "jwt_headers", "additional_jwt_headers"),
            PayloadClaims = Trees(reader, "jwt_payload", "additional_jwt_payload"),
            Passphrase = reader.TemplateOrNull("passphrase"),
            Option = reader.ComponentOrNull("request_option", nameof(RequestOption), RequestOption.Parse),
        });
    }

    public override ValueTask<string?> ApplyAsync(
        RequestParts parts, ExpressionContext context, Session session, string? rejected, CancellationToken cancellation)
    {
        var token = Sign(context);
        if (Option is not null)
            Option.Inject(parts, Value.Of(token), context);
        else
            parts.SetHeader("Authorization", HeaderPrefix?.EvaluateText(context) is { } prefix ? $"{prefix} {token}" : token);

        return new((string?)null);
    }

    /// <summary>A token that is good from now on, for <see cref="DurationSeconds"/>.</summary>
    public string Sign(ExpressionContext context)
    {
        var header = new ValueMap().Set("alg", Value.Of(Algorithm)).Set("typ", Value.Of("JWT"));
        Merge(header, HeaderClaims, context);
        var now = context.Clock.GetUtcNow().ToUnixTimeSeconds();
        var payload = new ValueMap();
        Merge(payload, PayloadClaims, context);
        payload.Set("iat", Value.Of(now)).Set("exp", Value.Of(now + DurationSeconds)).Set("nbf", Value.Of(now));

        var content = $"{Url(ValueJson.ToBytes(Value.Of(header)))}.{Url(ValueJson.ToBytes(Value.Of(payload)))}";

        return $"{content}.{Url(Signature(Encoding.ASCII.GetBytes(content), context))}";
    }

    private byte[] Signature(byte[] content, ExpressionContext context)
    {
        var key = SecretKey.EvaluateText(context) ?? throw new ConfigException("The key that signs tokens is empty.");
        if (Base64Key)
            key = Convert.ToBase64String(Encoding.UTF8.GetBytes(key));
        var hash = Algorithm[2..] switch { "256" or "256K" => HashAlgorithmName.SHA256, "384" => HashAlgorithmName.SHA384, _ => HashAlgorithmName.SHA512 };
        try
        {
            switch (Algorithm[..2])
            {
                case "Ed":
                    return Ed25519.Sign(Ed25519.SeedOf(Pem(key)), content);
                case "HS":
                    return Convert.FromHexString(Encodings.Hmac("sha" + Algorithm[2..], HexKey ? Convert.FromHexString(key) : Encoding.UTF8.GetBytes(key), content));
                case "ES":
                    using (var curve = ECDsa.Create())
                    {
                        Import(curve, key, context);

                        return curve.SignData(content, hash);
                    }

                default:
                    using (var rsa = RSA.Create())
                    {
                        Import(rsa, key, context);

                        return rsa.SignData(content, hash, Algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
                    }
            }
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or FormatException)
        {
            // Not chained: the message may quote the key.
            throw new ConfigException("The key that signs tokens is not a key of the kind that the platform wants.");
        }
    }

    private void Import(AsymmetricAlgorithm algorithm, string key, ExpressionContext context)
    {
        var pem = Pem(key);
        if (Passphrase?.EvaluateText(context) is { } passphrase)
            algorithm.ImportFromEncryptedPem(pem, passphrase);
        else
            algorithm.ImportFromPem(pem);
    }

    /// <summary>Keys are pasted into one-line fields, where line breaks become the two signs \n.</summary>
    private static string Pem(string key) => key.Replace("\\n", "\n", StringComparison.Ordinal);

    private static void Merge(ValueMap target, IReadOnlyList<TemplateTree> trees, ExpressionContext context)
    {
        foreach (var tree in trees)
        {
            if (tree.Evaluate(context) is not { Kind: ValueKind.Map } claims)
                continue;
            foreach (var (name, value) in claims.Map)
            {
                if (!value.IsNothing)
                    target.Set(name, value);
            }
        }
    }

    private static bool KeyIsHex(PlainReader reader) => reader.Done(reader.Text("secret_key") switch
    {
        "hex" => true,
        "text" => false,
        _ => throw reader.Problem("secret_key", "It is one of hex, text."),
    });

    private static IReadOnlyList<TemplateTree> Trees(ComponentReader reader, params string[] keys) => [.. keys.Select(reader.Tree).OfType<TemplateTree>()];

    private static string Url(byte[] data) => System.Buffers.Text.Base64Url.EncodeToString(data);
}
