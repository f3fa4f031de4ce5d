namespace MsVit.MLNet;

/// <summary>A copy of the image or the frames of one row; nothing is set if the row had none.</summary>
/// <param name="Source">The row and, if known, the file; for messages.</param>
internal readonly record struct CapturedInput(string Source)
{
    /// <summary>The bytes of an image file.</summary>
    public byte[]? Encoded { get; init; }

    /// <summary>A decoded image.</summary>
    public RgbImage? Image { get; init; }

    /// <summary>Event frames as bytes; empty if the row had none.</summary>
    public byte[]? Frames { get; init; }

    /// <summary>A pixel vector, or event frames as floats.</summary>
    public float[]? Vector { get; init; }

    /// <summary>Why the column could not be read; null if it could.</summary>
    public Exception? Fault { get; init; }
}
