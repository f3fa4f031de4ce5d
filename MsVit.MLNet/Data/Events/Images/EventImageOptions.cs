namespace MsVit.MLNet.Events;

/// <summary>How to draw event frames.</summary>
public sealed record EventImageOptions
{
    /// <summary>The size of a cell in pixels, 1 to 64. The default is 2.</summary>
    public int Scale { get; init; } = 2;

    /// <summary>Whether the background is white instead of nearly black. The default is false.</summary>
    public bool OnWhite { get; init; }

    /// <summary>
    /// The count drawn in full color, 1 to 65,535; smaller counts are fainter. The default is null, for the 95th percentile of the cells
    /// with events.
    /// </summary>
    public int? FullCount { get; init; }

    /// <summary>Frames per second of an animation, 0.1 to 1,000. The default is 10.</summary>
    public double FramesPerSecond { get; init; } = 10;

    /// <summary>Frames per row of a contact sheet, 1 or more. The default is null, for a nearly square sheet.</summary>
    public int? Columns { get; init; }

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">An option is out of range. The message names it.</exception>
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
