using System.Numerics;

namespace MsVit.MLNet;

/// <summary>Drops events of a sample: in a time span, in a box, at random, or none, each in a quarter of the cases.</summary>
/// <remarks>
/// Gu, Sng, Hu and Yu, "EventDrop: data augmentation for event-based learning" (IJCAI 2021), with the draws of the authors' code: a span
/// of 0.1 to 0.9 of the time from any start, clipped at the end; a box of 0.05 to 0.25 of width and height around any point, clipped at
/// the edges; 0.1 to 0.9 of the events. If no event would remain, the sample is not changed. The paper works on events. With counts, three
/// things differ: a frame is dropped if the middle of its time lies in the span; each event is dropped independently, instead of an exact
/// number of events; and only the box is cleared, where the authors' code also clears the rows and columns that it spans.
/// </remarks>
internal static class EventDrop
{
    /// <summary>Drops events in place.</summary>
    /// <param name="frames">Whole counts [T, P, H, W].</param>
    /// <param name="shape">The shape of the frames.</param>
    /// <param name="random">The sample's own stream.</param>
    public static void Apply<T>(Span<T> frames, FrameShape shape, ref RandomStream random)
        where T : unmanaged, INumber<T>
    {
        var kind = random.NextInt(4);
        if (kind == 0)
        {
            return;
        }
        var before = frames.ToArray();
        switch (kind)
        {
            case 1:
                ByTime(frames, shape, random.NextSingle(), Tenths(ref random));
                break;
            case 2:
                BoxAbout(shape, random.NextSingle(), random.NextSingle(), (1 + random.NextInt(5)) / 20f).Clear(frames, shape);
                break;
            default:
                AtRandom(frames, Tenths(ref random), ref random);
                break;
        }
        if (!frames.ContainsAnyExcept(T.Zero))
        {
            before.CopyTo(frames);
        }
    }

    /// <summary>Clears the frames whose middle lies in [start, start + share) of the time.</summary>
    public static void ByTime<T>(Span<T> frames, FrameShape shape, float start, float share)
    {
        for (var t = 0; t < shape.TimeSteps; t++)
        {
            var middle = (t + 0.5f) / shape.TimeSteps;
            if (middle >= start && middle < start + share)
            {
                frames.Slice(t * shape.Frame, shape.Frame).Clear();
            }
        }
    }

    /// <summary>
    /// The box that covers a share of width and height around a point, which is given in shares of them too; clipped at the edges.
    /// </summary>
    public static FrameBox BoxAbout(FrameShape shape, float acrossPoint, float downPoint, float share)
    {
        var (top, height) = Range(shape.Height, downPoint, share);
        var (left, width) = Range(shape.Width, acrossPoint, share);
        return new(top, left, height, width);
    }

    /// <summary>Drops each event with a probability.</summary>
    public static void AtRandom<T>(Span<T> frames, float share, ref RandomStream random)
        where T : unmanaged, INumber<T>
    {
        foreach (ref var count in frames)
        {
            for (var n = count; n > T.Zero; n--)
            {
                count -= random.NextSingle() < share ? T.One : T.Zero;
            }
        }
    }

    private static float Tenths(ref RandomStream random) => (1 + random.NextInt(9)) / 10f;

    private static (int Start, int Length) Range(int size, float point, float share)
    {
        var start = (int)Math.Max(0, (point * size) - (share * size / 2));
        return (start, (int)Math.Ceiling(Math.Min(size, start + (share * size))) - start);
    }
}
