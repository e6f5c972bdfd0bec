using System.Security.Cryptography;

namespace ListBackup.Testing.Manifests;

/// <summary>Key pairs for manifests that sign their requests; made anew in each run.</summary>
internal static class ExampleKeys
{
    private static readonly Lazy<RSA> Rsa = new(() => RSA.Create(2048));
    private static readonly Lazy<ECDsa> Curve = new(() => ECDsa.Create(ECCurve.NamedCurves.nistP256));

    public static string Private => Rsa.Value.ExportPkcs8PrivateKeyPem();

    public static string PrivateCurve => Curve.Value.ExportPkcs8PrivateKeyPem();
}
