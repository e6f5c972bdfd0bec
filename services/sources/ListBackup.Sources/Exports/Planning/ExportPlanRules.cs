using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>Makes a plan of a request; all that is wrong is told at once.</summary>
public sealed class ExportPlanRules(IExportDestinations destinations, ExportPlanStore plans, TimeProvider clock)
{
    private const int KeepLastDefault = 30;
    private const int SecretLengthMax = 200;

    /// <param name="source">Whose.</param>
    /// <param name="before">The plan that is replaced; null: a new one.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<ExportPlan> MakeAsync(Source source, ExportPlan? before, ExportPlanRequest request, string actor, CancellationToken cancellation)
    {
        var destination = Plain(request.Destination);
        var coverage = CoverageLevel.Proven;
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (request.Name.Trim().Length is 0 or > Source.NameLengthMax) errors["name"] = [$"Must have 1 to {Source.NameLengthMax} characters."];
        if (request.Streams is { Count: 0 or > Source.StreamsMax }) errors["streams"] = [$"Choose 1 to {Source.StreamsMax} streams, or leave streams out to export all."];
        if (request.KeepLast is < 1 or > ExportPlan.KeepLastMax) errors["keepLast"] = [$"Must be 1 to {ExportPlan.KeepLastMax}."];
        if (request.Coverage is { } text && !(Enum.TryParse(text, ignoreCase: true, out coverage) && char.IsLetter(text[0]))) errors["coverage"] = ["Must be proven, consistent or partial."];
        request.Schedule?.Check(errors);
        destinations.Check(destination, errors);
        var keepsSecret = before?.SealedSecret is not null && before.Destination with { Prefix = null } == destination with { Prefix = null };
        if (destination.Kind == DestinationKind.S3 && !keepsSecret && request.SecretAccessKey is not { Length: > 0 and <= SecretLengthMax })
            errors["secretAccessKey"] = ["Give the secret of the access key."];
        if (errors.Count > 0) throw Problem.Invalid(errors);
        RecordFilters.Parse(request.Filter ?? []);

        var now = clock.GetUtcNow();
        var plan = new ExportPlan
        {
            Id = before?.Id ?? ExportPlanId.New(clock),
            SourceId = source.Id,
            AccountId = source.AccountId,
            Name = request.Name.Trim(),
            Format = request.Format,
            Streams = request.Streams?.Distinct(StringComparer.Ordinal).ToList(),
            Mask = request.Mask,
            Filter = request.Filter ?? [],
            Q = string.IsNullOrWhiteSpace(request.Q) ? null : request.Q,
            IsArchive = request.Archive,
            Schedule = request.Schedule,
            CoverageMin = coverage,
            KeepLast = request.KeepLast ?? KeepLastDefault,
            Destination = destination,
            SealedSecret = keepsSecret ? before!.SealedSecret : null, // It is kept only from one before.
            IsPaused = request.Paused,
            CreatedBy = before?.CreatedBy ?? actor,
            CreatedAt = before?.CreatedAt ?? now,
            NextAt = before is not null && before.Schedule == request.Schedule && before.IsPaused == request.Paused ? before.NextAt : request.Schedule?.NextRun(now, null, source.Id),
            LastJobId = before?.LastJobId,
            LastSeq = before?.LastSeq,
        };
        return destination.Kind == DestinationKind.S3 && request.SecretAccessKey is { Length: > 0 } secret
            ? plan with { SealedSecret = await plans.SealAsync(plan, secret, cancellation) }
            : plan;
    }

    /// <summary>Without what the other kind has, and with a slash behind a prefix, so that it is a folder's.</summary>
    private static Destination Plain(Destination given) => given.Kind == DestinationKind.Folder
        ? new() { Kind = given.Kind, Folder = given.Folder?.Trim('/') }
        : given with { Folder = null, Endpoint = given.Endpoint?.TrimEnd('/'), Prefix = given.Prefix is null or "" ? null : given.Prefix.TrimEnd('/') + "/" };
}
