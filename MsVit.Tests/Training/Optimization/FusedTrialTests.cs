using System.Runtime.InteropServices;
using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Golden;
using MsVit.Tests.Support;
using MsVit.Trainer.Bench;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Optimization;

/// <summary>What the optimizer does where torch's operators over lists are missing or give other results.</summary>
public sealed unsafe class FusedTrialTests
{
    private const string Dispatcher = "torch_call_dispatcher";

    private static readonly TorchDispatcher Missing = new(name => name == Dispatcher ? 0 : TorchDispatcher.Exported(name));

    private delegate int? StandIn(string operation, ulong* stack);

    private delegate int Call(nint name, nint overload, ulong* stack, ulong version);

    [LinuxFact("the interface of libtorch that the optimizer calls")]
    public void Libtorchs_own_operators_pass() => Assert.Null(FusedTrial.Failure(TorchDispatcher.OfThisProcess, CPU));

    [Theory]
    [InlineData(Dispatcher)]
    [InlineData("torch_new_list_reserve_size")]
    [InlineData("torch_list_push_back")]
    [InlineData("aoti_torch_new_tensor_handle")]
    public void A_function_that_libtorch_lacks_is_named(string function) => Assert.Equal(
        $"libtorch_cpu.so does not have the function {function}, which libtorch 2.10 has.",
        FusedTrial.Failure(new(name => name == function ? 0 : 1), CPU));

    [LinuxFact("the interface of libtorch that the optimizer calls")]
    public void An_operator_that_copies_nothing_fails_its_trial() => AssertFails(
        "in a test run, aten::_foreach_copy_ gave other values than copies one by one.",
        (operation, _) => operation == TorchDispatcher.CopyName ? 0 : null);

    [LinuxFact("the interface of libtorch that the optimizer calls")]
    public void A_step_that_changes_no_weight_fails_its_trial() => AssertFails(
        "in a test run, aten::_fused_adamw_ gave other results than the equations of AdamW.",
        (operation, _) => operation == TorchDispatcher.AdamWName ? 0 : null);

    [LinuxFact("the interface of libtorch that the optimizer calls")]
    public void A_step_with_another_decay_fails_its_trial() => AssertFails(
        "in a test run, aten::_fused_adamw_ gave other results than the equations of AdamW.",
        (operation, stack) =>
        {
            const int Decay = 9;
            stack[Decay] = operation == TorchDispatcher.AdamWName ? BitConverter.DoubleToUInt64Bits(0.06) : stack[Decay];
            return null;
        });

    [LinuxFact("the interface of libtorch that the optimizer calls")]
    public void A_step_that_cannot_be_skipped_fails_its_trial() => AssertFails(
        "in a test run, aten::_fused_adamw_ gave other results than the equations of AdamW in a step that is skipped.",
        (operation, stack) =>
        {
            const int Skips = 14;
            stack[Skips] = operation == TorchDispatcher.AdamWName ? 0 : stack[Skips];
            return null;
        });

    [LinuxFact("the interface of libtorch that the optimizer calls")]
    public void An_operator_that_reports_an_error_fails_its_trial() => AssertFails(
        "torch's aten::_fused_adamw_ failed; torch has written the reason to the standard error.",
        (operation, _) => operation == TorchDispatcher.AdamWName ? 1 : null);

    [Fact]
    public void Without_the_operators_steps_are_those_of_each_parameter_and_one_line_says_why()
    {
        var notices = Steps(Missing);
        Assert.Matches(
            "AdamW takes a call into torch for each tensor of weights.*small networks train more slowly.*The cause: "
            + $".*does not have the function {Dispatcher}",
            Assert.Single(notices));
    }

    [Fact]
    public void Where_the_operators_are_not_offered_steps_are_the_same_and_nothing_is_said()
    {
        Assert.Empty(Steps(new(static _ => 0, isOffered: false)));
        Assert.Equal("it is used on Linux only.", FusedTrial.Failure(new(static _ => 0, isOffered: false), CPU));
    }

    [Fact]
    public void A_training_run_that_cannot_use_the_operators_warns_once()
    {
        var warnings = new List<string>();
        var notice = new DistinctNotices(warnings.Add);
        var config = MsVitConfig.Preset("tiny-32");
        using var network = new MsVitNetwork(config, seed: 1);
        using var step = new TrainingStep(network, new() { BatchSize = 2 }, new(DrawnImages.Normalization, CPU, Seed: 1)
        {
            ReadsEachStep = false,
            Operators = Missing,
            NewPass = () => new Pass(notice: notice.Say),
        });
        using var batch = new SampleBatch(DrawnImages.Shape(config.Height), 2);
        DrawnImages.Planar(2, config.Height).CopyTo(batch.Pixels);
        step.Run(batch, number: 0, rate: 1e-3);
        step.Run(batch, number: 1, rate: 1e-3);
        Assert.Contains(Dispatcher, Assert.Single(warnings), StringComparison.Ordinal);
    }

    // The notices of joined steps that are those of single parameters.
    private static List<string> Steps(TorchDispatcher operators)
    {
        using var scope = NewDisposeScope();
        using var one = new DrawnParameters();
        using var other = new DrawnParameters();
        using var single = new AdamW(one, new());
        var notices = new List<string>();
        using var joined = new AdamW(other, new()) { Operators = operators, Notice = notices.Add };
        for (var step = 0; step < 3; step++)
        {
            one.DrawGradients(step);
            other.DrawGradients(step);
            single.Step(0.01);
            joined.StepIf(joined.Gradients(joined: true), tensor(true), 0.01, tensor(1.0, dtype: float64));
        }
        Assert.All(one.parameters().Zip(other.parameters()), pair => Close.Within(1e-6, pair.First, pair.Second, "parameter"));
        return notices;
    }

    // With libtorch's functions, but for the dispatcher: a stand-in may change its arguments or return in its place.
    private static void AssertFails(string reason, StandIn standIn)
    {
        var real = Marshal.GetDelegateForFunctionPointer<Call>(TorchDispatcher.Exported(Dispatcher));
        Call call = (name, overload, stack, version) =>
            standIn(Marshal.PtrToStringUTF8(name)!, stack) ?? real(name, overload, stack, version);
        Assert.Equal(reason, FusedTrial.Failure(
            new(name => name == Dispatcher ? Marshal.GetFunctionPointerForDelegate(call) : TorchDispatcher.Exported(name)), CPU));
        GC.KeepAlive(call);
    }
}
