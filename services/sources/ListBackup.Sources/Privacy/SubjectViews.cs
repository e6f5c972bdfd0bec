using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Whom to find.</summary>
/// <param name="Identifiers">1 to 10: e-mail addresses, telephone numbers, names, customer numbers.</param>
public sealed record FindSubjectRequest(IReadOnlyList<string> Identifiers)
{
    /// <summary>Absent: every source of the account.</summary>
    public IReadOnlyList<SourceId>? Sources { get; init; }

    /// <summary>The <c>nextCursor</c> of the page before.</summary>
    public string? Cursor { get; init; }
}

/// <summary>Where a person was found. A page may be empty and have a next one: it ended because its time was up.</summary>
/// <param name="Items">Records, each once, whatever the number of its versions.</param>
/// <param name="NextCursor">Absent when every source was searched.</param>
/// <param name="Erased">Which of the identifiers were erased by request before.</param>
public sealed record SubjectPageView(IReadOnlyList<SubjectRecordView> Items, string? NextCursor, IReadOnlyList<string> Erased);

/// <summary>A record that holds, or once held, an identifier.</summary>
/// <param name="Key">Tells it apart in its stream.</param>
/// <param name="Identifiers">Which of those asked for.</param>
/// <param name="Fields">Where they stand in the newest version that has them, as JSON Pointers.</param>
/// <param name="State"><c>live</c>, <c>changed</c> (it lives and no longer holds them) or <c>deleted</c>.</param>
/// <param name="Versions">How many of its versions hold them.</param>
/// <param name="FirstSeq">The first snapshot that has them.</param>
/// <param name="LastSeq">The snapshot in which the last version with them came.</param>
public sealed record SubjectRecordView(
    SourceId SourceId, string SourceName, string Stream, string Key, IReadOnlyList<string> Identifiers, IReadOnlyList<string> Fields, string State, int Versions, long FirstSeq, long LastSeq);

/// <summary>One record of one stream.</summary>
public sealed record SubjectAddress(SourceId SourceId, string Stream, string Key);

/// <summary>Everything that is kept of these records.</summary>
/// <param name="Records">1 to 500.</param>
public sealed record ReportSubjectRequest(IReadOnlyList<SubjectAddress> Records);

/// <summary>A line of an access report: a record with all its versions.</summary>
public sealed record SubjectReportLine(SourceId SourceId, string SourceName, string Stream, string Key, IReadOnlyList<RecordVersionView> Versions);
