using System.Collections;
using System.Reflection;
using MsVit.MLNet.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Autograd;

/// <summary>What a function of ours leaves in the graph, and what it takes out again where it fails.</summary>
public sealed class GraphFunctionTests
{
    private static readonly Type AnyNode = typeof(torch).Assembly.GetType("TorchSharp.torch+autograd+Node", throwOnError: true)!;

    [Fact]
    public void A_forward_pass_that_fails_takes_its_node_and_the_graph_before_it_away()
    {
        var before = LivingNodes();
        using (NewDisposeScope())
        {
            var (x, pass) = (ones(3).requires_grad_(), new Pass());
            var first = Doubled.Apply(pass, x, null);
            var second = Doubled.Apply(pass, first, null);
            Assert.Equal(before + 2, LivingNodes());
            Assert.Throws<NotSupportedException>(() => Doubled.Apply(pass, second, "fails"));
            Assert.Equal(before + 2, LivingNodes());
        }
        Assert.Equal(before, LivingNodes());
    }

    [Fact]
    public void A_node_keeps_no_tensor_of_the_size_of_its_output()
    {
        using var scope = NewDisposeScope();
        var y = Doubled.Apply(new(), ones(3).requires_grad_(), null);
        var node = Nodes().Cast<object>().Last();
        var outputs = (List<Tensor>)node.GetType().GetField("_outputCache", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(
            node)!;
        Assert.True(Assert.Single(outputs).IsInvalid);
        Assert.Equal([3], y.shape);
    }

    [Fact]
    public void Gradients_come_back_and_undefined_ones_stay_so()
    {
        using var scope = NewDisposeScope();
        var (x, unused) = (ones(3).requires_grad_(), ones(3).requires_grad_());
        var pass = new Pass();
        var y = Doubled.Apply(pass, x, null) + 0 * Doubled.Apply(pass, Doubled.Apply(pass, unused, null).detach(), null);
        pass.Backward(y.sum());
        Assert.Equal([2, 2, 2], x.grad!.data<float>().ToArray());
        Assert.Null(unused.grad);
    }

    [Fact]
    public void The_gradient_of_the_output_may_be_passed_on_as_it_is_whatever_its_values()
    {
        using var scope = NewDisposeScope();
        foreach (var value in new[] { 1, float.NaN })
        {
            var (x, pass) = (ones(3).requires_grad_(), new Pass());
            pass.Backward((Passed.Apply(pass, x) * tensor(value)).sum());
            Assert.Equal([value, value, value], x.grad!.data<float>().ToArray());
        }
    }

    private static IList Nodes() => (IList)AnyNode.GetField("AliveNodes", BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;

    private static int LivingNodes() => Nodes().Count;

    private sealed class Passed : GraphFunction<Passed>
    {
        protected override Tensor Forward(autograd.AutogradContext context, object[] inputs) => ((Tensor)inputs[0]).clone();

        protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream) => [upstream];
    }

    private sealed class Doubled : GraphFunction<Doubled>
    {
        protected override Tensor Forward(autograd.AutogradContext context, object[] inputs) =>
            inputs[1] is null ? ((Tensor)inputs[0]) + ((Tensor)inputs[0]) : throw new NotSupportedException("fails");

        protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream) => [upstream + upstream, null];
    }
}
