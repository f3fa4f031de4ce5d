using Mono.Cecil;
using Mono.Cecil.Cil;
using MsVit.MLNet;

namespace MsVit.Tests;

/// <summary>Searches the compiled library for state shared by the whole process.</summary>
public sealed class StaticStateTests
{
    // The fields that are not constant, and why they have no better place.
    private static readonly Dictionary<string, string> Exceptions = new()
    {
        ["NativeTorch::_loaded"] = "libtorch is loaded once per process",
        ["NativeTorch::Tried"] = "the places where libtorch was looked for, which the error message names",
        ["PooledTensor::<Pool>"] = "the allocator of the tensors of the whole process",
        ["CudaLif::<Gpu>"] = "the compiled kernels: the driver loads them into its context, of which a process has one per GPU",
        ["LaneAffine::Identities"] = "constants whose length is known only at run time, made when first needed",
        ["ServingMetrics::Activities"] = "the way .NET publishes activities: listeners find the source by its name",
    };

    // Types of .NET, ML.NET and TorchSharp whose values do not change, or are set up once and then only read.
    private static readonly HashSet<string> Constant =
    [
        "Microsoft.ML.Data.PrimitiveDataViewType",
        "Microsoft.ML.Runtime.ProgressHeader",
        "System.DateTime",
        "System.DateTimeOffset",
        "System.Decimal",
        "System.IO.EnumerationOptions",
        "System.IntPtr",
        "System.Object",
        "System.Reflection.FieldInfo",
        "System.String",
        "System.Text.Json.JsonSerializerOptions",
        "System.Text.Json.JsonWriterOptions",
        "System.Text.RegularExpressions.Regex",
        "System.Threading.Lock",
        "System.TimeSpan",
        "System.Type",
        "System.UIntPtr",
        "System.Xml.XmlReaderSettings",
        "TorchSharp.Scalar",
    ];

    private static readonly string[] ConstantGenerics =
    [
        "System.Buffers.SearchValues`1",
        "System.Collections.Frozen.FrozenDictionary`2",
        "System.Collections.Frozen.FrozenSet`1",
        "System.Collections.Generic.IReadOnlyCollection`1",
        "System.Collections.Generic.IReadOnlyDictionary`2",
        "System.Collections.Generic.IReadOnlyList`1",
        "System.Diagnostics.Metrics.InstrumentAdvice`1",
        "System.Nullable`1",
        "System.ValueTuple`2",
        "System.ValueTuple`3",
        "System.ValueTuple`4",
    ];

    [Fact]
    public void No_static_field_of_the_library_changes_except_for_those_named_here()
    {
        using var others = new DefaultAssemblyResolver();
        others.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        others.AddSearchDirectory(AppContext.BaseDirectory);
        using var library = ModuleDefinition.ReadModule(typeof(MsVitTrainer).Assembly.Location,
            new ReaderParameters { AssemblyResolver = others });
        string[] state =
        [
            .. from type in library.GetTypes()
               where !IsGenerated(type)
               from field in type.Fields
               where field.IsStatic && !field.IsLiteral && !(IsConstant(field) && (field.FieldType is not ArrayType || IsOnlyRead(field)))
               select $"{type.Name}::{field.Name.Replace("k__BackingField", "", StringComparison.Ordinal)}",
        ];
        Assert.Equal("", string.Join('\n', state.Except(Exceptions.Keys)));
        Assert.Equal("", string.Join('\n', Exceptions.Keys.Except(state)));
    }

    // The compiler's caches of delegates, and what source generators write.
    private static bool IsGenerated(TypeDefinition type) =>
        type.Name.StartsWith('<') || (type.DeclaringType is { } outer ? IsGenerated(outer)
            : type.Namespace.StartsWith("System.", StringComparison.Ordinal));

    private static bool IsConstant(FieldDefinition field) =>
        (field.IsInitOnly || field.Name.StartsWith("__Log", StringComparison.Ordinal))
        && !field.CustomAttributes.Any(attribute => attribute.AttributeType.Name == nameof(ThreadStaticAttribute))
        && IsConstant(field.FieldType, []);

    private static bool IsConstant(TypeReference type, HashSet<string> above)
    {
        if (!above.Add(type.FullName) || type.IsPrimitive || type is FunctionPointerType or PointerType || Constant.Contains(type.FullName))
        {
            return true;
        }
        return type switch
        {
            ArrayType array => IsConstant(array.ElementType, above),
            GenericInstanceType generic when ConstantGenerics.Contains(generic.ElementType.FullName) =>
                generic.GenericArguments.All(argument => IsConstant(argument, above)),
            GenericParameter => true,
            _ => type.Resolve() is { } resolved && (resolved.IsEnum || IsDelegate(resolved) || IsOfConstants(resolved, above)),
        };
    }

    // An array is a constant if only its own type sees it, and no method that loads it stores elements, but into arrays that the method
    // makes.
    private static bool IsOnlyRead(FieldDefinition array) => array.IsPrivate && !array.DeclaringType.Methods
        .Concat(array.DeclaringType.NestedTypes.SelectMany(type => type.Methods))
        .Any(method => method.HasBody && !method.IsConstructor
            && method.Body.Instructions.Any(instruction => instruction.OpCode.Code == Code.Ldsfld && instruction.Operand == array)
            && method.Body.Instructions.Any(instruction => instruction.OpCode.Name.StartsWith("stelem", StringComparison.Ordinal))
            && !method.Body.Instructions.Any(instruction => instruction.OpCode.Code == Code.Newarr));

    private static bool IsDelegate(TypeDefinition type) => type.BaseType?.FullName == "System.MulticastDelegate";

    private static bool IsOfConstants(TypeDefinition type, HashSet<string> above) =>
        type.Module.Assembly.Name.Name == typeof(MsVitTrainer).Assembly.GetName().Name
        && !type.IsInterface
        && type.Fields.Where(field => !field.IsStatic).All(field => field.IsInitOnly && IsConstant(field.FieldType, above))
        && (type.BaseType is null or { FullName: "System.Object" or "System.ValueType" or "System.Enum" }
            || IsConstant(type.BaseType, above));
}
