namespace ListBackup.Demo.Seeding;

/// <summary>Seeded times lie in 2024 and 2025, whatever the clock says, so that the data do not depend on the day of the run.</summary>
internal static class SeedTimes
{
    private const long Start = 1_704_067_200; // 2024-01-01T00:00:00Z
    private const int Year = 365 * 86_400;
    private const int ImportSize = 250;

    public static long Created(ref Dice dice) => Start + dice.Below(Year);

    /// <summary>Every fifth record was last touched by a bulk import, which gave hundreds of them one and the same second.</summary>
    public static long Updated(ref Dice dice, int index) =>
        dice.Percent(20) ? Start + Year + index / ImportSize * 3_600L % Year : Start + Year + dice.Below(Year);
}
