using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Autograd;

public sealed class PassTests
{
    public PassTests() => NativeTorch.EnsureLoaded();

    [Fact]
    public void The_caller_gets_the_exception_of_a_backward_function_once()
    {
        using var scope = NewDisposeScope();
        var (x, pass) = (ones(3).requires_grad_(), new Pass());
        var e = Assert.Throws<InsufficientMemoryException>(() => pass.Backward(Call(pass, x, NoMemory).sum()));
        Assert.Equal("no memory for gradients", e.Message);

        pass.Backward(Call(pass, x * x, Nothing).sum());
        Assert.Equal([2f, 2, 2], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Of_several_exceptions_the_first_counts()
    {
        using var scope = NewDisposeScope();
        var (x, pass) = (ones(3).requires_grad_(), new Pass());
        var later = Call(pass, x, () => throw new NotSupportedException());
        Assert.Throws<InsufficientMemoryException>(() => pass.Backward((later + Call(pass, x, NoMemory)).sum()));
    }

    [Fact]
    public void Where_libtorch_throws_as_well_the_caller_gets_both_and_the_next_pass_is_clean()
    {
        using var scope = NewDisposeScope();
        var (x, pass) = (ones(3).requires_grad_(), new Pass());
        var e = Assert.Throws<AggregateException>(() => pass.Backward((Changed(x) + Call(pass, x, NoMemory)).sum()));
        Assert.Collection(
            e.InnerExceptions,
            ours => Assert.IsType<InsufficientMemoryException>(ours),
            torchs => Assert.Contains("modified by an inplace operation", torchs.Message));
        Assert.True(OutOfMemory.Is(e));

        pass.Backward(Call(pass, x, Nothing).sum());
        new Pass().Backward(Call(new(), x, Nothing).sum());
    }

    [Fact]
    public void Where_libtorch_alone_throws_the_caller_gets_its_exception_as_it_is()
    {
        using var scope = NewDisposeScope();
        var (x, pass) = (ones(3).requires_grad_(), new Pass());
        var e = Assert.ThrowsAny<Exception>(() => pass.Backward((Changed(x) + Call(pass, x, Nothing)).sum()));
        Assert.Contains("modified by an inplace operation", e.Message);
        Assert.IsNotType<AggregateException>(e);
        pass.Backward(Call(pass, x, Nothing).sum());
    }

    [Fact]
    public void A_pass_that_runs_between_the_fault_of_another_and_its_end_gets_nothing_of_it()
    {
        using var scope = NewDisposeScope();
        var (x, inner) = (ones(3).requires_grad_(), ones(3).requires_grad_());
        var pass = new Pass();
        // The node that was made last goes first.
        var between = Call(pass, x, () =>
        {
            using var grad = enable_grad();
            var other = new Pass();
            other.Backward(Call(other, inner, Nothing).sum());
        });
        Assert.Throws<InsufficientMemoryException>(() => pass.Backward((between + Call(pass, x, NoMemory)).sum()));
        Assert.Equal([1f, 1, 1], inner.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Gradients_are_those_of_the_inputs_and_an_unused_one_is_invalid()
    {
        using var scope = NewDisposeScope();
        var (x, unused, pass) = (ones(3).requires_grad_(), ones(3).requires_grad_(), new Pass());
        var gradients = pass.Gradients(Call(pass, x * x, Nothing), [x, unused], tensor([1f, 2, 3]));
        Assert.Equal([2f, 4, 6], gradients[0].data<float>().ToArray());
        Assert.True(gradients[1].IsInvalid);
        Assert.Null(x.grad);
    }

    [Fact]
    public void Only_the_pass_asks_libtorch_for_gradients()
    {
        using var library = Mono.Cecil.ModuleDefinition.ReadModule(typeof(MsVitTrainer).Assembly.Location);
        var askers =
            from type in library.GetTypes()
            from method in type.Methods
            where method.HasBody && method.Body.Instructions.Any(instruction =>
                instruction.Operand is Mono.Cecil.MethodReference { Name: "backward" or "grad" } called
                && called.DeclaringType.FullName is "TorchSharp.torch/Tensor" or "TorchSharp.torch/autograd")
            select (type.DeclaringType ?? type).Name;
        Assert.Equal([nameof(Pass)], askers.Distinct());
    }

    private static void Nothing()
    {
    }

    private static void NoMemory() => throw new InsufficientMemoryException("no memory for gradients");

    private static Tensor Call(Pass pass, Tensor x, Action backward) => Identity.Apply(pass, x, backward);

    // Libtorch finds that what its backward function needs is gone.
    private static Tensor Changed(Tensor x)
    {
        var y = x.exp();
        using var noGrad = no_grad();
        y.zero_();
        return y;
    }

    private sealed class Identity : GraphFunction<Identity>
    {
        protected override Tensor Forward(autograd.AutogradContext context, object[] inputs)
        {
            context.save_data(nameof(Action), inputs[1]);
            return ((Tensor)inputs[0]).clone();
        }

        protected override Tensor?[] Backward(autograd.AutogradContext context, Tensor upstream)
        {
            ((Action)context.get_data(nameof(Action)))();
            return [upstream.alias(), null];
        }
    }
}
