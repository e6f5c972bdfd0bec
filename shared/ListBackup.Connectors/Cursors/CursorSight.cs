namespace ListBackup.Connectors.Cursors;

/// <summary>What the cursor values of the rows have shown of a platform in one read.</summary>
internal sealed class CursorSight
{
    /// <summary>Rows without a readable cursor.</summary>
    public long RowsWithout { get; set; }

    /// <summary>Rows in the interval that was asked for.</summary>
    public long RowsInside { get; set; }

    /// <summary>Rows outside of it, by more than the granularity.</summary>
    public long RowsOutside { get; set; }

    /// <summary>Values are finer than the manifest says.</summary>
    public bool IsFiner { get; set; }

    /// <summary>A value lay behind the end of its interval and in its last granule: the platform takes the end as the whole of it.</summary>
    public bool IsEndWhole { get; set; }

    /// <summary>
    /// An interval that begins one granule after the end of the one before leaves out what lies between, when values are finer than a granule and the
    /// platform takes the end literally. Until it is seen not to, intervals overlap by one granule.
    /// </summary>
    public bool MustOverlap => IsFiner && !IsEndWhole;
}
