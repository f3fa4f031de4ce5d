using MsVit.MLNet.Kernels;

namespace MsVit.Tests.Kernels.Cuda;

public sealed class LaunchShapeTests
{
    [Theory]
    [InlineData(4, 3_145_728, 4, 6144u)]
    [InlineData(4, 512, 4, 1u)]
    [InlineData(4, 516, 4, 2u)]
    [InlineData(8, 4, 4, 1u)]
    [InlineData(9, 512, 1, 4u)]
    [InlineData(4, 513, 1, 5u)]
    [InlineData(4, 1, 1, 1u)]
    public void A_thread_takes_four_neurons_if_they_divide_the_layer_and_fit_its_registers(int steps, long lanes, int width, uint blocks)
    {
        Assert.Equal(new LaunchShape(width, blocks), LaunchShape.Of(steps, lanes, 4, (4096, lanes), (8192, lanes)));
    }

    [Theory]
    [InlineData(4, 4096, 512, 4)]
    [InlineData(4, 4104, 512, 1)]
    [InlineData(2, 4104, 512, 4)]
    [InlineData(2, 4100, 512, 1)]
    [InlineData(4, 4096, 514, 1)]
    [InlineData(4, 4096, 0, 4)]
    public void Four_neurons_are_moved_at_once_only_at_aligned_addresses(int elementSize, int first, long stride, int width)
    {
        Assert.Equal(width, LaunchShape.Of(4, 512, elementSize, (first, stride), (0, 512)).Lanes);
        Assert.Equal(width, LaunchShape.Of(4, 512, elementSize, (0, 512), (first, stride)).Lanes);
    }

    [Fact]
    public void A_layer_of_more_neurons_than_an_int_holds_can_be_launched()
    {
        Assert.Equal(new LaunchShape(1, 33_554_433), LaunchShape.Of(16, 33_554_432L * 128 + 1, 2, (0, 1)));
    }

    [Fact]
    public void The_kernel_names_follow_the_neurons_per_thread()
    {
        Assert.Equal(("fire_one", "back_one"), (new LaunchShape(1, 1).Fire, new LaunchShape(1, 1).Backward));
        Assert.Equal(("fire_wide", "back_wide"), (new LaunchShape(4, 1).Fire, new LaunchShape(4, 1).Backward));
    }
}
