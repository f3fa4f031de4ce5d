namespace MsVit.MLNet;

/// <summary>Chooses some of the frames of a sample, in their order, every choice equally likely.</summary>
/// <remarks>
/// For training with T_train of T frames and scoring with all: random temporal delete, from Fang et al., "Deep residual learning in spiking
/// neural networks" (NeurIPS 2021). Drawn by selection sampling (Knuth, The Art of Computer Programming 2, algorithm 3.4.2 S).
/// </remarks>
internal static class TemporalSubset
{
    /// <summary>Draws the frames to keep.</summary>
    /// <param name="timeSteps">Frames, T.</param>
    /// <param name="kept">The indices of the chosen frames, 1 to T of them, in ascending order.</param>
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
