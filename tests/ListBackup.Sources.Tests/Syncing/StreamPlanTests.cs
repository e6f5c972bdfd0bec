using System.Text.Json;
using ListBackup.Connectors;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources.Tests;

public sealed class StreamPlanTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 25, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(DeleteDetectionKind.FullRead, 8, ReadMode.FullSweep)]
    [InlineData(DeleteDetectionKind.FullRead, 6, ReadMode.Incremental)]
    [InlineData(DeleteDetectionKind.Stream, 8, ReadMode.FullSweep)]
    [InlineData(DeleteDetectionKind.Stream, 6, ReadMode.Incremental)]
    [InlineData(DeleteDetectionKind.Field, 8, ReadMode.FullSweep)]
    [InlineData(DeleteDetectionKind.Webhook, 8, ReadMode.FullSweep)]
    [InlineData(DeleteDetectionKind.IdSweep, 8, ReadMode.FullSweep)]
    [InlineData(DeleteDetectionKind.IdSweep, 6, ReadMode.IdSweep)]
    [InlineData(DeleteDetectionKind.Never, 800, ReadMode.Incremental)]
    public void Whatever_traces_deletions_leave_all_is_read_again_after_a_week(DeleteDetectionKind deletes, int daysAgo, ReadMode mode)
    {
        var stream = new StreamInfo
        {
            Name = "contacts",
            PrimaryKey = [FieldPath.Of("id")],
            SyncModes = SyncModes.FullRefresh | SyncModes.Incremental,
            Schema = JsonDocument.Parse("{}").RootElement,
            Extensions = new StreamExtensions { Deletes = new DeleteDetection { Kind = deletes } },
        };
        var source = new Source
        {
            Id = SourceId.New(TimeProvider.System),
            AccountId = AccountId.New(TimeProvider.System),
            Name = "Everything",
            ConnectionId = ConnectionId.New(TimeProvider.System),
            Platform = "scripted",
            CreatedAt = s_now,
            LastFullSweeps = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal) { ["contacts"] = s_now - TimeSpan.FromDays(daysAgo) },
        };

        StreamPlan.Mode(stream, source, hasCursor: true, isFullSweep: false, s_now).ShouldBe(mode);
    }
}
