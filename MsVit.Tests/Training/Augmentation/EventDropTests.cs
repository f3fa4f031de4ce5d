using MsVit.MLNet;

namespace MsVit.Tests.Training.Augmentation;

public sealed class EventDropTests
{
    private static readonly FrameShape Shape = new(10, 2, 20, 20);

    [Fact]
    public void By_time_the_frames_whose_middle_lies_in_the_stretch_are_emptied()
    {
        var frames = Full(1);
        EventDrop.ByTime<byte>(frames, Shape, start: 0.2f, share: 0.3f); // middles 0.25, 0.35, 0.45
        Assert.Equal([false, false, true, true, true, false, false, false, false, false], frames.Chunk(Shape.Frame).Select(IsEmpty));
        EventDrop.ByTime<byte>(frames, Shape, start: 0.9f, share: 0.9f);
        Assert.True(IsEmpty(frames.Chunk(Shape.Frame).Last()));
    }

    [Theory]
    [InlineData(0.5f, 0.5f, 0.2f, 8, 8, 4, 4)]
    [InlineData(0f, 0.999f, 0.2f, 17, 0, 3, 4)]
    [InlineData(0.999f, 0f, 0.1f, 0, 18, 2, 2)]
    public void A_box_lies_about_its_point_and_is_cut_at_the_edges(
        float across, float down, float share, int top, int left, int height, int width) =>
        Assert.Equal(new FrameBox(top, left, height, width), EventDrop.BoxAbout(Shape, across, down, share));

    [Fact]
    public void At_random_each_event_is_dropped_with_the_probability()
    {
        var frames = Full(5);
        var random = new RandomStream(1, 2, 3);
        EventDrop.AtRandom<byte>(frames, 0.3f, ref random);
        // 8,000 cells of 5 events: binomial counts of mean 3.5 and variance 1.05.
        Assert.InRange(frames.Average(c => c), 3.45, 3.55);
        Assert.InRange(frames.Average(c => (c - 3.5) * (c - 3.5)), 0.98, 1.12);
        Assert.All(frames, c => Assert.InRange(c, 0, 5));
    }

    [Fact]
    public void A_quarter_of_the_samples_stay_whole_and_none_is_emptied()
    {
        var whole = 0;
        for (var sample = 0ul; sample < 1000; sample++)
        {
            var frames = Full(1);
            var random = new RandomStream(4, 5, sample);
            EventDrop.Apply<byte>(frames, Shape, ref random);
            whole += frames.All(c => c == 1) ? 1 : 0;
            Assert.False(IsEmpty(frames));
        }
        Assert.InRange(whole, 180, 320);
    }

    [Fact]
    public void A_sample_of_one_event_is_never_emptied()
    {
        for (var sample = 0ul; sample < 300; sample++)
        {
            var frames = new byte[Shape.Elements];
            frames[1234] = 1;
            var random = new RandomStream(4, 5, sample);
            EventDrop.Apply<byte>(frames, Shape, ref random);
            Assert.Equal(1, frames.Sum(c => c));
        }
    }

    private static byte[] Full(byte count) => [.. Enumerable.Repeat(count, Shape.Elements)];

    private static bool IsEmpty(byte[] frames) => frames.All(count => count == 0);
}
