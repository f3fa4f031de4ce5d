using TorchSharp;

namespace MsVit.Tests.Golden;

/// <summary>Compares tensors and says by how much they differ, and where.</summary>
internal static class Close
{
    public static void Equal(torch.Tensor expected, torch.Tensor actual, string what) => Within(0, expected, actual, what);

    public static void Within(double tolerance, torch.Tensor expected, torch.Tensor actual, string what, torch.Tensor? only = null)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        Assert.True(expected.shape.SequenceEqual(actual.shape),
            $"{what}: shape [{string.Join(", ", actual.shape)}], expected [{string.Join(", ", expected.shape)}]");
        if (expected.numel() == 0)
        {
            return;
        }
        var error = (expected.to_type(torch.float64) - actual.to_type(torch.float64)).abs();
        if (only is not null)
        {
            error = error.masked_fill(only.logical_not(), 0);
        }
        var worst = error.max().item<double>();
        Assert.True(worst <= tolerance, $"{what}: differs by up to {worst:g4} (element {error.argmax().item<long>()}), at most "
            + $"{tolerance:g4} allowed");
    }
}
