using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MsVit.MLNet.Events;

namespace MsVit.Tests.Data.Events.Simulation;

public sealed class SimulatedShapesTests
{
    /// <summary>The sum was recorded when the set was made: it changes only if the events do, which is a breaking change.</summary>
    [Fact]
    public void The_recordings_are_the_same_events_everywhere()
    {
        var shapes = new SimulatedShapes(seed: 7, size: 32);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var sample = 0; sample < 20; sample++)
        {
            foreach (var e in shapes.Record(sample))
            {
                long[] numbers = [e.Time, e.X, e.Y, e.On ? 1 : 0];
                hash.AppendData(MemoryMarshal.AsBytes<long>(numbers));
            }
        }
        Assert.Equal("5123204b8bf6ad20284c709711711c874985e28698cf8b9c6ad8403caafa0179", Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    [Fact]
    public void A_recording_does_not_depend_on_order_or_threads()
    {
        var shapes = new SimulatedShapes(seed: 3, size: 24, milliseconds: 20);
        var inOrder = Enumerable.Range(0, 10).Select(shapes.Record).ToArray();
        Parallel.For(0, 20, i => Assert.Equal(inOrder[9 - (i % 10)], shapes.Record(9 - (i % 10))));
    }

    [Fact]
    public void Any_ten_in_a_row_hold_each_class_once() =>
        Assert.Equal(10, Enumerable.Range(77, 10).Select(SimulatedShapes.Label).Distinct().Count());

    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    public void Every_recording_has_events_of_both_polarities_by_time_within_the_sensor(int size)
    {
        var shapes = new SimulatedShapes(seed: 5, size);
        for (var sample = 0; sample < 20; sample++)
        {
            var events = shapes.Record(sample);
            Assert.InRange(events.Length, 3 * size, 60 * size * size);
            Assert.InRange(events.Count(e => e.On) / (double)events.Length, 0.2, 0.8);
            Assert.Equal(events.OrderBy(e => e.Time), events);
            Assert.InRange(events[^1].Time, 50_000, 100_000);
            EventFrames.Of(events, new(), shapes.Sensor);
        }
    }

    [Theory]
    [InlineData(15, 100)]
    [InlineData(1025, 100)]
    [InlineData(64, 9)]
    public void Sizes_and_times_out_of_range_are_rejected(int size, int milliseconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SimulatedShapes(0, size, milliseconds));
}
