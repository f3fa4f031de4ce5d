namespace MsVit.MLNet.Events;

/// <summary>Frames of one sample as they were saved.</summary>
/// <param name="Values">[T, C, H, W], in that order.</param>
/// <param name="TimeSteps">T.</param>
/// <param name="Channels">C: 2, off and on, in what spikingjelly saves.</param>
/// <param name="Height">H.</param>
/// <param name="Width">W.</param>
public sealed record StoredFrames(float[] Values, int TimeSteps, int Channels, int Height, int Width);
