using System.Text.Json.Nodes;

namespace ListBackup.Benchmarks.Restores;

/// <summary>A platform in this process, so that its work is not the Host's, which can lose its contacts with what hangs on them.</summary>
internal interface ILosingPlatform : IAsyncDisposable
{
    /// <summary>As in connectors/.</summary>
    string Name { get; }

    JsonObject Config { get; }

    /// <summary>What is backed up: contacts and what hangs on them.</summary>
    IReadOnlyList<string> Streams { get; }

    string[] HostArguments { get; }

    /// <summary>Requests answered so far.</summary>
    long Requests { get; }

    /// <summary>As many as the product takes for deleted without asking.</summary>
    void LoseContacts();
}
