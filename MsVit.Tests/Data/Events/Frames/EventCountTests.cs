using MsVit.MLNet.Events;

namespace MsVit.Tests.Data.Events.Frames;

/// <summary>Counts that are large, and cells that are larger than pixels.</summary>
public sealed class EventCountTests
{
    private static readonly SensorSize Sensor = new(10, 7);
    private static readonly EventFrameOptions One = new() { TimeSteps = 1 };

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    [InlineData(65_535, false)]
    public void A_count_takes_a_byte_up_to_255_and_two_up_to_65535(int count, bool isByte)
    {
        var frames = EventFrames.Of(Same(count), One, Sensor);
        Assert.Equal((count, isByte, 0), (frames[0, 1, 2, 3], frames.AreBytes, frames.Cut));
        Assert.Equal(0, frames[0, 0, 2, 3]);
    }

    [Fact]
    public void A_count_beyond_65535_is_rejected_unless_it_may_be_cut()
    {
        Assert.Contains("65535", Assert.Throws<OverflowException>(() => EventFrames.Of(Same(65_536), One, Sensor)).Message,
            StringComparison.Ordinal);
        var frames = EventFrames.Of(Same(70_000), One with { MaxCount = 65_535 }, Sensor);
        Assert.Equal((65_535, 70_000 - 65_535), (frames[0, 1, 2, 3], frames.Cut));
    }

    [Theory]
    [InlineData(300, 255, true)]
    [InlineData(300, 1, true)]
    [InlineData(100, 20, true)]
    [InlineData(300, 280, false)]
    public void Counts_are_cut_to_the_largest_one_and_the_cut_is_counted(int count, int max, bool isByte)
    {
        var frames = EventFrames.Of(Same(count), One with { MaxCount = max }, Sensor);
        Assert.Equal((max, count - max, isByte), (frames[0, 1, 2, 3], frames.Cut, frames.AreBytes));
    }

    [Fact]
    public void The_counts_ask_for_the_type_that_they_have()
    {
        Assert.Throws<InvalidOperationException>(() => EventFrames.Of(Same(300), One, Sensor).Bytes.Length);
        Assert.Throws<InvalidOperationException>(() => EventFrames.Of(Same(30), One, Sensor).Words.Length);
    }

    [Theory]
    [InlineData(10, 7)]
    [InlineData(5, 7)]
    [InlineData(4, 3)]
    [InlineData(1, 1)]
    public void Every_cell_sums_its_own_pixels(int width, int height)
    {
        var events = RandomEvents.Rising(5000, Sensor);
        var cells = EventFrames.Of(events, One with { Area = new() { Size = new(width, height) } }, Sensor);
        var pixels = EventFrames.Of(events, One, Sensor);
        var sums = new int[1, 2, height, width];
        for (var y = 0; y < Sensor.Height; y++)
        {
            for (var x = 0; x < Sensor.Width; x++)
            {
                for (var p = 0; p < 2; p++)
                {
                    sums[0, p, y * height / Sensor.Height, x * width / Sensor.Width] += pixels[0, p, y, x];
                }
            }
        }
        EventFramesTests.AssertEqual(sums, cells);
    }

    [Fact]
    public void A_box_keeps_its_pixels_and_counts_what_it_leaves_out()
    {
        var events = RandomEvents.Rising(3000, Sensor);
        var box = EventFrames.Of(events, One with { Area = new() { Crop = new(2, 1, 6, 4), Size = new(3, 4) } }, Sensor);
        var all = EventFrames.Of(events, One, Sensor);
        Assert.Equal(new SensorSize(3, 4), box.Size);
        Assert.Equal(all[0, 1, 1 + 3, 2 + 4] + all[0, 1, 1 + 3, 2 + 5], box[0, 1, 3, 2]);
        Assert.Equal(events.Count(e => e.X is < 2 or > 7 || e.Y is < 1 or > 4), box.LeftOut);
    }

    [Fact]
    public void The_box_does_not_move_the_ends_of_the_frames()
    {
        CameraEvent[] events = [new(0, 9, 6, true), new(1, 0, 0, true), new(2, 0, 0, true), new(3, 9, 6, true)];
        var frames = EventFrames.Of(events, new() { TimeSteps = 2, Area = new() { Crop = new(0, 0, 1, 1) } }, Sensor);
        Assert.Equal((1, 1), (frames[0, 1, 0, 0], frames[1, 1, 0, 0]));
    }

    [Theory]
    [InlineData(10, 0)]
    [InlineData(0, 7)]
    [InlineData(65_535, 65_535)]
    public void An_event_outside_the_sensor_is_rejected(int x, int y)
    {
        CameraEvent[] events = [new(4, (ushort)x, (ushort)y, true)];
        var message = Assert.Throws<ArgumentException>(() => EventFrames.Of(events, One, Sensor)).Message;
        Assert.Contains($"column {x}, row {y}", message, StringComparison.Ordinal);
        Assert.Contains("10 x 7", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_range_are_rejected_by_name()
    {
        Refused(new() { TimeSteps = 0 }, "TimeSteps");
        Refused(new() { TimeSteps = 65_536 }, "TimeSteps");
        Refused(new() { Window = 0 }, "Window");
        Refused(new() { MaxCount = 0 }, "MaxCount");
        Refused(new() { Split = (EventSplit)9 }, "Split");
        Refused(new() { Area = new() { Crop = new(5, 0, 6, 7) } }, "box");
        Refused(new() { Area = new() { Crop = new(int.MaxValue, 0, int.MaxValue, 1) } }, "box");
        Refused(new() { Area = new() { Size = new(11, 7) } }, "frame size");
        Refused(new() { Area = new() { Sensor = new(0, 7) } }, "sensor");
        Refused(new() { TimeSteps = 65_535, Area = new() { Sensor = new(1000, 1000) } }, "cells");
        Assert.Contains("Area.Sensor", Assert.Throws<ArgumentException>(() => EventFrames.Of([], new())).Message, StringComparison.Ordinal);

        static void Refused(EventFrameOptions options, string named) =>
            Assert.Contains(named, Assert.Throws<ArgumentException>(() => EventFrames.Of([], options, Sensor)).Message,
                StringComparison.Ordinal);
    }

    private static CameraEvent[] Same(int count) => [.. Enumerable.Range(0, count).Select(i => new CameraEvent(i, 3, 2, true))];
}
