using System.Text;
using System.Text.RegularExpressions;

namespace ListBackup.Testing.Manifests;

/// <summary>Which end of an interval a part of a request tells.</summary>
internal enum Boundary
{
    Start,
    End,
}

/// <summary>A boundary that a request told, and the format that it is written in; null when the manifest computes it.</summary>
internal sealed record Capture(Boundary Boundary, string Text, string? Format);

/// <summary>A text of a request: known, save for the interval's boundaries in it, which only the client knows.</summary>
internal sealed class TextPattern
{
    private readonly string _source;
    private readonly Regex? _regex;
    private readonly IReadOnlyList<(Boundary Boundary, string? Format)> _holes;

    private TextPattern(string source, Regex? regex, IReadOnlyList<(Boundary, string?)> holes)
    {
        _source = source;
        _regex = regex;
        _holes = holes;
    }

    public bool IsEmpty => _source.Length == 0;

    public bool HasHoles => _regex is not null;

    /// <summary>The client leaves it out where the interval's start makes the manifest's expression come to nothing.</summary>
    public bool MayBeAbsent { get; private init; }

    public TextPattern OrAbsent() => new(_source, _regex, _holes) { MayBeAbsent = true };

    public static implicit operator TextPattern(string text) => new(text, null, []);

    public static TextPattern Exactly(string text) => text;

    /// <param name="text">Has a mark in the place of each boundary.</param>
    public static TextPattern Marked(string text, IReadOnlyList<(string Mark, Boundary Boundary, string? Format)> marks)
    {
        var pattern = new StringBuilder("^");
        var holes = new List<(Boundary, string?)>();
        for (var at = 0; at < text.Length;)
        {
            var mark = marks.FirstOrDefault(candidate => string.CompareOrdinal(text, at, candidate.Mark, 0, candidate.Mark.Length) == 0);
            if (mark.Mark is null)
            {
                pattern.Append(Regex.Escape(text[at++].ToString()));
                continue;
            }

            pattern.Append("(.+?)");
            holes.Add((mark.Boundary, mark.Format));
            at += mark.Mark.Length;
        }

        return holes.Count == 0 ? text : new TextPattern(text, new Regex(pattern.Append('$').ToString(), RegexOptions.Singleline, TimeSpan.FromSeconds(1)), holes);
    }

    /// <summary>Adds what the text tells; false when it is another text.</summary>
    public bool Matches(string text, List<Capture> captures)
    {
        if (_regex is null)
            return text == _source;
        var match = _regex.Match(text);
        if (!match.Success)
            return false;
        for (var at = 0; at < _holes.Count; at++)
            captures.Add(new Capture(_holes[at].Boundary, match.Groups[at + 1].Value, _holes[at].Format));

        return true;
    }

    public override string ToString() => _source;
}
