namespace MsVit.MLNet.Events;

/// <summary>How frames of events are painted.</summary>
public sealed record EventImageOptions
{
    /// <summary>The side of the square that a cell is painted as, pixels, 1 to 64. The default is 2.</summary>
    public int Scale { get; init; } = 2;

    /// <summary>Whether the ground is white instead of nearly black. The default is false.</summary>
    public bool OnWhite { get; init; }

    /// <summary>
    /// The count that is painted in full color, 1 to 65,535; smaller ones are fainter. By default (null) the one that 95 % of the cells with events do
    /// not exceed.
    /// </summary>
    public int? FullCount { get; init; }

    /// <summary>Frames a second of an animation, 0.1 to 1,000. The default is 10.</summary>
    public double FramesPerSecond { get; init; } = 10;

    /// <summary>Frames in a row of a contact sheet, 1 or more. By default (null) as many rows as columns, or one row less.</summary>
    public int? Columns { get; init; }

    /// <summary>Refuses what cannot work.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message says which.</exception>
    public void Validate()
    {
        Check(nameof(Scale), Scale, 1, 64);
        Check(nameof(FullCount), FullCount ?? 1, 1, ushort.MaxValue);
        Check(nameof(FramesPerSecond), FramesPerSecond, 0.1, 1000);
        Check(nameof(Columns), Columns ?? 1, 1, int.MaxValue);
    }

    private static void Check(string name, double value, double least, double largest)
    {
        if (!(value >= least && value <= largest))
        {
            throw new ArgumentException($"{name} is {value}; it must be from {least} to {largest}.");
        }
    }
}
