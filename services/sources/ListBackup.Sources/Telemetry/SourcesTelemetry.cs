namespace ListBackup.Sources;

/// <summary>The names that telemetry listens to; docs/guide/observability.md describes them.</summary>
public static class SourcesTelemetry
{
    /// <summary>Activity source: one span per step of a run or job.</summary>
    public const string Tracing = "ListBackup.Sources";

    /// <summary>Meter: runs, what they read, and restores.</summary>
    public const string Meter = "ListBackup.Sources";
}
