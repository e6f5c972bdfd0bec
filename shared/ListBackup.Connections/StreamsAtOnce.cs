using ListBackup.Connectors;

namespace ListBackup.Connections;

/// <summary>How many streams of one connection are read at the same time, and how many pages of each.</summary>
/// <param name="Streams">All its sources and all workers together; at least 1.</param>
/// <param name="PagesEach">Pages of one stream that may be asked for at once, so that all together keep to the connector's own limit; at least 1.</param>
public sealed record StreamsAtOnce(int Streams, int PagesEach)
{
    /// <summary>Where nobody says otherwise: enough that a small stream does not wait for a large one, and little to ask of a platform that tells no limit.</summary>
    public const int Default = 2;

    /// <summary>What a customer may ask for at most; more would only wait for the platform's rate limit.</summary>
    public const int Max = 16;

    /// <param name="wanted">The customer's number; null: the default.</param>
    /// <param name="own">The connector's; it wins over the customer's. Null: it has none.</param>
    /// <param name="pagesMax">Pages of one stream at once where the connector has no limit.</param>
    public static StreamsAtOnce Of(int? wanted, ConcurrencyLimits? own, int pagesMax)
    {
        if (own is null) return new(wanted ?? Default, pagesMax);
        var streams = Math.Min(wanted ?? Math.Min(Default, own.Default), own.Max);
        // A stream that is read alone has the whole level, which the engine itself keeps to.
        return new(streams, streams == 1 ? pagesMax : Math.Clamp(own.Default / streams, 1, pagesMax));
    }
}
