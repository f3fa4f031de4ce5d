using MsVit.MLNet;

namespace MsVit.Tests.Data;

public sealed class ChannelStatisticsTests
{
    [Fact]
    public void Mean_and_deviation_are_those_of_all_pixels_on_any_number_of_threads()
    {
        var shape = new SampleShape(2, 3, 2, IsFloat: false);
        var random = new RandomStream(1, 2, 3);
        var samples = Enumerable.Range(0, 200).Select(_ => Enumerable.Range(0, shape.Bytes).Select(_ => (byte)random.NextInt(256))
            .ToArray()).ToArray();
        using var store = new SampleStore(shape.Bytes, 1 << 20, Path.GetTempPath());
        foreach (var sample in samples)
        {
            store.Add(sample, 0);
        }
        store.Seal();

        var statistics = ChannelStatistics.Of(SampleSet.All(store, shape), range: 255, workers: 3);
        for (var c = 0; c < 2; c++)
        {
            var pixels = samples.SelectMany(sample => sample.Skip(c * 6).Take(6)).Select(pixel => pixel / 255.0).ToArray();
            var mean = pixels.Average();
            Assert.Equal(mean, statistics.Mean[c], 1e-6);
            Assert.Equal(Math.Sqrt(pixels.Average(p => (p - mean) * (p - mean))), statistics.Deviation[c], 1e-6);
        }
        var alone = ChannelStatistics.Of(SampleSet.All(store, shape), range: 255, workers: 1);
        Assert.Equal(alone.Mean, statistics.Mean);
        Assert.Equal(alone.Deviation, statistics.Deviation);
    }

    [Fact]
    public void A_large_set_is_measured_on_ten_thousand_samples_one_of_each_stretch()
    {
        var indices = Enumerable.Range(0, 25_003).Select(i => 2 * i).ToArray();
        var measured = ChannelStatistics.Measured(indices);
        Assert.Equal(10_000, measured.Length);
        for (var i = 0; i < measured.Length; i++)
        {
            var (from, end) = ((int)(i * 25_003L / 10_000), (int)((i + 1) * 25_003L / 10_000));
            Assert.InRange(measured[i], 2 * from, 2 * (end - 1));
        }
        // Where three classes take turns, each is measured about as often as the others.
        Assert.All(measured.CountBy(index => index / 2 % 3), turns => Assert.InRange(turns.Value, 3200, 3467));
        Assert.Equal(measured, ChannelStatistics.Measured(indices));
        Assert.Equal(indices[..10_000], ChannelStatistics.Measured(indices[..10_000]));
    }
}
