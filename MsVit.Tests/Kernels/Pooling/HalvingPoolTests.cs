using MsVit.MLNet.Kernels;
using TorchSharp;

namespace MsVit.Tests.Kernels.Pooling;

public sealed class HalvingPoolTests
{
    private const float NaN = float.NaN, Low = float.NegativeInfinity;

    private static readonly int[] Heights = [1, 2, 3, 4, 7, 16, 33];

    private static readonly int[] Widths = [1, 2, 3, 8, 15, 16, 17, 31, 32, 33, 50];

    public static TheoryData<int, int> Sizes
    {
        get
        {
            var sizes = new TheoryData<int, int>();
            foreach (var height in Heights)
            {
                foreach (var width in Widths)
                {
                    sizes.Add(height, width);
                }
            }
            return sizes;
        }
    }

    [Fact]
    public void A_window_takes_the_largest_of_its_nine_and_gives_that_one_the_gradient()
    {
        using var scope = torch.NewDisposeScope();
        using var x = torch.tensor(new float[] { 1, 2, 3, 4, 5, 6, 7, 8, 9 }).view(1, 1, 3, 3).requires_grad_();
        var y = HalvingPool.Halve(x, new());
        Assert.Equal([5, 6, 8, 9], Numbers(y));
        (y * torch.tensor(new float[] { 10, 20, 30, 40 }).view(1, 1, 2, 2)).sum().backward();
        Assert.Equal([0, 0, 0, 0, 10, 20, 0, 30, 40], Numbers(x.grad!));
    }

    [Fact]
    public void Of_equal_values_the_first_in_reading_order_gets_the_gradient()
    {
        using var scope = torch.NewDisposeScope();
        using var x = torch.zeros(1, 1, 3, 3).requires_grad_();
        HalvingPool.Halve(x, new()).sum().backward();
        Assert.Equal([1, 1, 0, 1, 1, 0, 0, 0, 0], Numbers(x.grad!));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Values_and_gradients_match_torch_bit_for_bit(int height, int width)
    {
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator((ulong)(height * 100 + width));
        Compare(torch.randn([2, 3, height, width], generator: generator), generator);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Ties_match_torch_bit_for_bit(int height, int width)
    {
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator((ulong)(height * 100 + width));
        Compare(torch.randint(0, 3, [2, 3, height, width], generator: generator).to_type(torch.float32), generator);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void NaN_and_infinities_match_torch(int height, int width)
    {
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator((ulong)(height * 100 + width));
        var choices = torch.tensor([NaN, Low, Low, Low, Low, float.PositiveInfinity, -1, 0, 1]);
        Compare(choices[torch.randint(0, 9, [2, 3, height, width], generator: generator)], generator);
        Compare(choices[torch.randint(0, 5, [2, 3, height, width], generator: generator)], generator);
        Compare(torch.full([2, 3, height, width], Low), generator);
        Compare(torch.full([2, 3, height, width], NaN), generator);
    }

    [Fact]
    public void Many_planes_on_all_threads_match_torch()
    {
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator(7);
        Compare(torch.randn([37, 11, 32, 32], generator: generator), generator);
    }

    [Fact]
    public void Any_memory_layout_of_the_input_and_the_gradient_is_accepted()
    {
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator(8);
        using var x = torch.randn([5, 3, 12, 9], generator: generator).requires_grad_();
        using var copy = x.detach().clone().requires_grad_();
        (HalvingPool.Halve(x.transpose(2, 3), new()).transpose(0, 1) * 2).sum().backward();
        (Torch(copy.transpose(2, 3)).transpose(0, 1) * 2).sum().backward();
        Assert.Equal(Numbers(copy.grad!), Numbers(x.grad!));
    }

    [Fact]
    public void Other_types_go_to_torch()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.randn([2, 3, 5, 6], torch.float64);
        Assert.False(HalvingPool.Covers(x));
        Assert.True(HalvingPool.Covers(x.to(torch.ScalarType.Float32)));
        Assert.Equal(Torch(x).data<double>().ToArray(), HalvingPool.Halve(x, new()).data<double>().ToArray());
    }

    [Fact]
    public void Fifty_steps_leave_no_tensor_behind()
    {
        using var x = torch.randn(2, 3, 9, 9).requires_grad_();
        long before = 0;
        for (var step = 0; step < 50; step++)
        {
            using (torch.NewDisposeScope())
            {
                var pass = new Pass();
                pass.Backward(HalvingPool.Halve(HalvingPool.Halve(x, pass) * 3, pass).sum());
            }
            // The first step makes the gradient of x.
            before = step == 0 ? DisposeScopeManager.Statistics.ThreadTotalLiveCount : before;
            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }

    private static void Compare(torch.Tensor values, torch.Generator generator)
    {
        using var scope = torch.NewDisposeScope();
        var ours = values.clone().requires_grad_();
        var theirs = values.clone().requires_grad_();
        var (actual, expected) = (HalvingPool.Halve(ours, new()), Torch(theirs));
        Assert.Equal(expected.shape, actual.shape);
        Assert.Equal(Numbers(expected), Numbers(actual));
        using (torch.no_grad())
        {
            Assert.Equal(Numbers(expected), Numbers(HalvingPool.Halve(ours, new())));
        }
        var upstream = torch.randn(expected.shape, generator: generator);
        actual.backward([upstream]);
        expected.backward([upstream]);
        Assert.Equal(Numbers(theirs.grad!), Numbers(ours.grad!));
    }

    private static torch.Tensor Torch(torch.Tensor x) => torch.nn.functional.max_pool2d(x, [3, 3], [2, 2], [1, 1]);

    private static float[] Numbers(torch.Tensor tensor) => tensor.detach().contiguous().data<float>().ToArray();
}
