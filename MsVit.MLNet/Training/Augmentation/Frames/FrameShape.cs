namespace MsVit.MLNet;

/// <summary>The shape of one sample of event frames, [T, P, H, W].</summary>
/// <param name="TimeSteps">Frames, T.</param>
/// <param name="Channels">Polarities, P.</param>
/// <param name="Height">Rows, H.</param>
/// <param name="Width">Columns, W.</param>
internal readonly record struct FrameShape(int TimeSteps, int Channels, int Height, int Width)
{
    /// <summary>Elements of a channel, H x W.</summary>
    public int Plane => Height * Width;

    /// <summary>Elements of a frame, P x H x W.</summary>
    public int Frame => Channels * Plane;

    /// <summary>Elements of the sample.</summary>
    public int Elements => TimeSteps * Frame;
}
