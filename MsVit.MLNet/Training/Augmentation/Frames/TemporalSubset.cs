namespace MsVit.MLNet;

/// <summary>Keeps some of the frames of a sample, in their order, every choice equally likely.</summary>
/// <remarks>
/// Trains with T_train of T frames and scores with all: the random temporal delete of Fang et al., "Deep residual learning in spiking neural
/// networks" (NeurIPS 2021). Drawn by selection sampling (Knuth, The Art of Computer Programming 2, algorithm 3.4.2 S).
/// </remarks>
internal static class TemporalSubset
{
    /// <summary>Draws the frames that are kept.</summary>
    /// <param name="timeSteps">Frames, T.</param>
    /// <param name="kept">As many places as frames are kept, 1 to T; they rise.</param>
    /// <param name="random">The sample's own stream.</param>
    public static void Draw(int timeSteps, Span<int> kept, ref RandomStream random)
    {
        var taken = 0;
        for (var t = 0; taken < kept.Length; t++)
        {
            if (random.NextInt(timeSteps - t) < kept.Length - taken)
            {
                kept[taken++] = t;
            }
        }
    }
}
