using Mono.Cecil;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace MsVit.Tests.Support;

/// <summary>Puts all test classes that reach torch into one collection, which runs one test after the other; every other class runs in
/// parallel.</summary>
/// <remarks>
/// Torch has one pool of threads for the process, and some tests count living tensors. Whether a class reaches torch is read from the
/// compiled assemblies: it does if it, or any type of ours that it uses, directly or through others, names a type of TorchSharp. A
/// class with a <see cref="CollectionAttribute"/> is where that says.
/// </remarks>
public sealed class TorchCollectionFactory : IXunitTestCollectionFactory
{
    /// <summary>A part of the name of the collection of torch.</summary>
    public const string Torch = "MsVit.Tests.dll";

    private static readonly string[] Ours = [Torch, "MsVit.MLNet.dll", "msvit.dll", "MsVit.Samples.dll"];

    private readonly CollectionPerAssemblyTestCollectionFactory _torch;
    private readonly CollectionPerClassTestCollectionFactory _others;
    private readonly HashSet<string> _reachTorch;

    public TorchCollectionFactory(ITestAssembly assembly, IMessageSink diagnostics)
    {
        _torch = new(assembly, diagnostics);
        _others = new(assembly, diagnostics);
        _reachTorch = ReachTorch(Path.GetDirectoryName(typeof(TorchCollectionFactory).Assembly.Location)!);
    }

    public string DisplayName => "torch in one collection, the rest in parallel";

    public ITestCollection Get(ITypeInfo testClass) => _reachTorch.Contains(testClass.Name) ? _torch.Get(testClass)
        : _others.Get(testClass);

    private static HashSet<string> ReachTorch(string folder)
    {
        var users = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var reached = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in Ours)
        {
            using var assembly = AssemblyDefinition.ReadAssembly(Path.Combine(folder, file));
            foreach (var type in assembly.MainModule.GetTypes())
            {
                var user = type.Outermost().FullName;
                foreach (var used in type.Uses().Select(TypeUses.Outermost))
                {
                    if (used.Namespace.StartsWith("TorchSharp", StringComparison.Ordinal))
                    {
                        reached.Add(user);
                    }
                    else if (used.Namespace.StartsWith("MsVit.", StringComparison.Ordinal) || used.Namespace == "Microsoft.ML")
                    {
                        users.TryAdd(used.FullName, []);
                        users[used.FullName].Add(user);
                    }
                }
            }
        }
        var ahead = new Queue<string>(reached);
        while (ahead.TryDequeue(out var type))
        {
            foreach (var user in users.GetValueOrDefault(type) ?? [])
            {
                if (reached.Add(user))
                {
                    ahead.Enqueue(user);
                }
            }
        }
        return reached;
    }
}
