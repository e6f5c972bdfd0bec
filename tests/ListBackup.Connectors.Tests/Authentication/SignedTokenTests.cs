using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Authentication;

public class SignedTokenTests
{
    private static readonly ExpressionContext Context = new(TimeProvider.System);

    private static string Sign(string algorithm, string key, string more = "")
    {
        var context = Context.With(Variable.Config, Value.Of(new ValueMap().Set("key", Value.Of(key))));

        return Components.Parse($"{{ type: JwtAuthenticator, secret_key: \"{{{{ config['key'] }}}}\", algorithm: {algorithm}, {more} }}", JwtAuthenticator.Parse).Sign(context);
    }

    private static (byte[] Content, byte[] Signature, Value Header, Value Payload) Parts(string token)
    {
        var parts = token.Split('.');

        return (Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]),
            ValueJson.Parse(Base64Url.DecodeFromChars(parts[0])), ValueJson.Parse(Base64Url.DecodeFromChars(parts[1])));
    }

    private static HashAlgorithmName Hash(string algorithm) => algorithm[2..5] switch { "256" => HashAlgorithmName.SHA256, "384" => HashAlgorithmName.SHA384, _ => HashAlgorithmName.SHA512 };

    [Theory]
    [InlineData("HS256", false)]
    [InlineData("HS384", false)]
    [InlineData("HS512", true)]
    public void A_shared_secret_signs(string algorithm, bool isEncoded)
    {
        var (content, signature, _, _) = Parts(Sign(algorithm, "secret", $"base64_encode_secret_key: {(isEncoded ? "true" : "false")}"));

        var key = Encoding.UTF8.GetBytes(isEncoded ? "c2VjcmV0" : "secret");
        CryptographicOperations.HmacData(Hash(algorithm), key, content).ShouldBe(signature);
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("RS384")]
    [InlineData("RS512")]
    [InlineData("PS256")]
    [InlineData("PS384")]
    [InlineData("PS512")]
    public void An_rsa_key_signs(string algorithm)
    {
        using var rsa = RSA.Create(2048);

        var (content, signature, header, _) = Parts(Sign(algorithm, rsa.ExportPkcs8PrivateKeyPem().Replace("\n", "\\n", StringComparison.Ordinal)));

        rsa.VerifyData(content, signature, Hash(algorithm), algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1).ShouldBeTrue();
        header.Map["alg"].Text.ShouldBe(algorithm);
    }

    [Theory]
    [InlineData("ES256", "nistP256", 64)]
    [InlineData("ES256K", "secp256k1", 64)]
    [InlineData("ES384", "nistP384", 96)]
    [InlineData("ES512", "nistP521", 132)]
    public void A_curve_signs_in_the_form_that_tokens_have(string algorithm, string curve, int bytes)
    {
        using var key = ECDsa.Create(ECCurve.CreateFromFriendlyName(curve));

        var (content, signature, _, _) = Parts(Sign(algorithm, key.ExportPkcs8PrivateKeyPem()));

        signature.Length.ShouldBe(bytes);
        key.VerifyData(content, signature, Hash(algorithm)).ShouldBeTrue();
    }

    [Fact]
    public void A_key_under_a_passphrase_signs()
    {
        using var rsa = RSA.Create(2048);
        var pem = rsa.ExportEncryptedPkcs8PrivateKeyPem("open sesame", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));

        var (content, signature, _, _) = Parts(Sign("RS256", pem, "passphrase: open sesame"));

        rsa.VerifyData(content, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).ShouldBeTrue();
        Should.Throw<ConfigException>(() => Sign("RS256", pem, "passphrase: wrong")).ToString().ShouldNotContain("wrong");
    }

    /// <summary>RFC 8032, section 7.1, tests 1 to 3.</summary>
    [Theory]
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    public void Edwards_signatures_are_those_of_the_standard(string seed, string content, string signature) =>
        Convert.ToHexStringLower(Ed25519.Sign(Convert.FromHexString(seed), Convert.FromHexString(content))).ShouldBe(signature);

    [Fact]
    public void An_edwards_key_is_read_from_its_file()
    {
        // The key of RFC 8410, section 10.3.
        const string Pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----";

        var (content, signature, _, _) = Parts(Sign("EdDSA", Pem));

        signature.ShouldBe(Ed25519.Sign(Ed25519.SeedOf(Pem), content));
        Convert.ToHexStringLower(Ed25519.SeedOf(Pem)).ShouldBe("d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842");
    }

    [Theory]
    [InlineData("RS256", "no key")]
    [InlineData("ES256", "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----")]
    [InlineData("EdDSA", "no key")]
    public void A_key_of_another_kind_is_refused_without_being_shown(string algorithm, string key) =>
        Should.Throw<ConfigException>(() => Sign(algorithm, key)).ToString().ShouldNotContain(key);

    [Fact]
    public void Claims_are_those_of_the_manifest_and_times_are_ours()
    {
        var (_, _, header, payload) = Parts(Sign(
            "HS256", "k", "token_duration: 60, jwt_headers: { kid: \"{{ config['key'] }}\", typ: at+jwt }, additional_jwt_headers: { x: 1 }, jwt_payload: { iss: me, aud: you }, additional_jwt_payload: { scope: [a, b] }"));

        header.Map["kid"].Text.ShouldBe("k");
        header.Map["typ"].Text.ShouldBe("at+jwt");
        header.Map["x"].Long.ShouldBe(1);
        ValueJson.ToText(payload).ShouldStartWith("""{"iss":"me","aud":"you","scope":["a","b"],"iat":""");
        (payload.Map["exp"].Long - payload.Map["iat"].Long).ShouldBe(60);
    }

    [Fact]
    public void An_algorithm_that_the_language_does_not_know_is_refused() =>
        Should.Throw<ManifestException>(() => Sign("none", "k")).Problems[0].Path.ShouldBe("component.algorithm");
}
