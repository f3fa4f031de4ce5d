using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Events.Simulation;

public sealed class ClosedLoopMovementTests
{
    [Theory]
    [InlineData(0, -8, 0)]
    [InlineData(25, -4, -4)]
    [InlineData(50, 0, -8)]
    [InlineData(100, 8, 0)]
    [InlineData(150, 0, 8)]
    [InlineData(175, -4, 4)]
    [InlineData(200, -8, 0)]
    [InlineData(1050, 0, -8)]
    public void The_image_goes_round_a_rhombus(int milliseconds, double right, double down) =>
        Assert.Equal((right, down), new ClosedLoopMovement { Amplitude = 8 }.Shift(1000 * milliseconds));

    [Fact]
    public void An_image_of_the_sensors_size_moves_by_whole_pixels_unchanged()
    {
        var image = Enumerable.Range(0, 20).Select(i => (byte)(i * i % 251)).ToArray();
        var view = new ShiftedView(image, new(5, 4), new(5, 4));
        var seen = new float[20];
        view.Show(right: 2, down: -1, seen);
        for (var y = 0; y < 4; y++)
        {
            for (var x = 0; x < 5; x++)
            {
                Assert.Equal(image[(Math.Min(3, y + 1) * 5) + Math.Max(0, x - 2)], seen[(y * 5) + x]);
            }
        }
        view.Show(right: 0.25, down: 0, seen);
        Assert.Equal((0.25f * image[6]) + (0.75f * image[7]), seen[7], 1e-4);
    }

    [Fact]
    public void A_small_image_is_stretched_over_the_sensor()
    {
        var seen = new float[16];
        new ShiftedView([0, 100, 100, 200], new(2, 2), new(4, 4)).Show(0, 0, seen);
        Assert.Equal([0, 25, 75, 100], seen[..4]);
        Assert.Equal([25, 50, 100, 125], seen[4..8]);
    }

    [Fact]
    public void A_still_camera_before_a_plain_image_sees_nothing_and_an_edge_is_seen_going_and_coming()
    {
        Assert.Empty(new ClosedLoopMovement().Record(new byte[64], new(8, 8), Ideal(8)));
        var edge = Enumerable.Range(0, 256).Select(i => (byte)(i % 16 < 8 ? 50 : 150)).ToArray();
        var events = new ClosedLoopMovement { Amplitude = 3, Loops = 2 }.Record(edge, new(16, 16), Ideal(16));
        // Along the columns that the edge sweeps (5..10) it goes right and left twice; the rise and the fall are alike.
        Assert.Equal(events.Count(e => e.On), events.Count(e => !e.On));
        Assert.All(events, e => Assert.InRange(e.X, 4, 11));
        Assert.InRange(events[^1].Time, 300_000, 400_000);
    }

    [Fact]
    public void A_color_file_of_twice_the_size_is_recorded_as_its_gray_levels_are()
    {
        using var folder = new TemporaryFolder();
        var rows = Enumerable.Range(0, 32 * 32).SelectMany(i => i % 32 < 16 ? new byte[] { 50, 50, 50 } : [0, 255, 0]).ToArray();
        var path = folder.Write("edge.png", PngWriter.Write(32, 32, PngWriter.Rgb, 8, rows));
        var events = new ClosedLoopMovement { Amplitude = 3 }.RecordImage(path, Ideal(16));
        Assert.NotEmpty(events);
        // The edge between 50 and the gray of green, 150, lies in the middle and sweeps columns 5 to 10.
        Assert.All(events, e => Assert.InRange(e.X, 3, 12));
        Assert.Equal(events, new ClosedLoopMovement { Amplitude = 3 }.RecordImage(path, Ideal(16)));
    }

    [Fact]
    public void Options_out_of_range_are_rejected_by_name()
    {
        Refused(new() { Amplitude = -1 }, "Amplitude");
        Refused(new() { LoopTime = 0 }, "LoopTime");
        Refused(new() { Loops = 0 }, "Loops");
        Refused(new() { StepTime = 0 }, "StepTime");
        Refused(new() { Start = 2 }, "Start");
        Assert.Throws<ArgumentException>(() => new ClosedLoopMovement().Record(new byte[63], new(8, 8), Ideal(8)));

        static void Refused(ClosedLoopMovement movement, string named) =>
            Assert.Contains(named, Assert.Throws<ArgumentException>(() => movement.Record(new byte[64], new(8, 8), Ideal(8))).Message,
                StringComparison.Ordinal);
    }

    private static EventCameraSimulator Ideal(int size) => new(new(size, size), EventCameraOptions.Ideal);
}
