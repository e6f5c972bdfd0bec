namespace ListBackup.Testing.Manifests;

/// <summary>How one stream's reading compared with what the platform holds.</summary>
/// <param name="Category">One word: how exactly was compared, or why the stream counts as not read.</param>
internal sealed record StreamVerdict(string Manifest, string Stream, bool Agrees, string Category, string Detail)
{
    /// <summary>Records that were compared.</summary>
    public int Records { get; init; }

    public override string ToString() => $"{(Agrees ? "agrees" : "DIFFERS"),-8} {Manifest,-34} {Stream,-34} {Category,-22} {Detail}";
}
