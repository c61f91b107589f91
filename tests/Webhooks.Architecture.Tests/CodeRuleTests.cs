using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Webhooks.Architecture.Tests;

public partial class CodeRuleTests
{
    private static readonly string[] Blocking =
    [
        "System.Threading.Thread.Sleep", "System.Threading.Tasks.Task.Wait", "System.Threading.Tasks.Task.WaitAll",
        "System.Threading.Tasks.Task.WaitAny", "System.Threading.Tasks.Task`1.get_Result",
    ];

    private static readonly string[] ClockAndChance =
    [
        "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTime.get_Today",
        "System.DateTimeOffset.get_Now", "System.DateTimeOffset.get_UtcNow",
        "System.Guid.NewGuid", "System.Guid.CreateVersion7", "System.Random..ctor", "System.Random.get_Shared",
        "System.Environment.get_TickCount64",
    ];

    private static readonly Dictionary<string, string> InterfacesWithAReason = new()
    {
        ["Webhooks.EventStore.ISubscription"] = "The store runs what a project above it writes, and its own tests follow the log with another one.",
    };

    public static TheoryData<string> Projects => [.. Product.Names];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Nothing_blocks_a_thread(string project) =>
        Broken.None(
            Product.UsedBy(project).Intersect(Blocking),
            $"{project} blocks a thread. Await instead: a blocked pool thread is one that serves and delivers nothing.");

    [Theory]
    [InlineData("Webhooks.Domain")]
    [InlineData("Webhooks.Projections")]
    public void Rules_and_read_models_take_time_and_ids_as_inputs(string project) =>
        Broken.None(
            Product.UsedBy(project).Intersect(ClockAndChance),
            $"{project} reads a clock or throws dice: a rebuild from the log would then write another history. Take it from the fact, the command or a TimeProvider.");

    [Fact]
    public void No_method_is_async_void() =>
        Broken.None(
            from type in Product.Types
            from method in type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            where method.ReturnType == typeof(void) && method.IsDefined(typeof(AsyncStateMachineAttribute))
            select $"{type.FullName}.{method.Name}",
            "An exception in an async void method ends the process; return a Task that someone awaits.");

    [Fact]
    public void An_interface_has_at_least_two_implementations()
    {
        var types = Product.Types.ToArray();
        var lonely = types.Where(t => t.IsInterface && types.Count(c => !c.IsAbstract && Implements(c, t)) < 2).Select(t => t.FullName!).ToArray();
        Broken.None(
            lonely.Except(InterfacesWithAReason.Keys),
            "An interface with one implementation is a second name for it: use the class.");
        Broken.None(
            InterfacesWithAReason.Keys.Except(lonely),
            "These have two implementations now, or are gone: take them off the list of exceptions.");
    }

    private static bool Implements(Type type, Type contract) =>
        type.GetInterfaces().Any(i => (i.IsGenericType ? i.GetGenericTypeDefinition() : i) == contract);

    [Fact]
    public void No_exception_is_swallowed_without_a_reason()
    {
        Broken.None(
            Source.All(".cs").Where(s => SilentCatch().IsMatch(s.Text)).Select(s => s.Path),
            "An empty catch hides a failure. Handle it, or say inside why nothing is to be done.");
        Broken.None(
            Source.All(".cs").Where(s => CatchAllDoingNothing().IsMatch(s.Code)).Select(s => s.Path),
            "A catch of everything that does nothing hides faults nobody thought of: name the exception that is meant, or log it.");
    }

    [Fact]
    public void A_warning_is_silenced_only_with_a_reason_beside_it() =>
        Broken.None(
            from source in Source.All(".cs")
            from line in source.Text.Split('\n')
            where (line.Contains("#pragma warning disable", StringComparison.Ordinal) && !line.Contains("//", StringComparison.Ordinal))
                || (line.Contains("[SuppressMessage", StringComparison.Ordinal) && !line.Contains("Justification", StringComparison.Ordinal))
            select $"{source.Path}: {line.Trim()}",
            "Say why on the same line, so that the next reader can tell whether it still holds.");

    [Fact]
    public void A_file_has_at_most_300_lines() =>
        Broken.None(
            Source.All(".cs", ".sql", ".ts", ".tsx").Where(s => s.Lines > 300).Select(s => $"{s.Path}: {s.Lines} lines"),
            "A file this long does two things: find the second and give it a file of its own.");

    [GeneratedRegex(@"\bcatch\s*(?:\([^{}]*\))?\s*(?:when\s*\([^{}]*\))?\s*\{\s*\}")]
    internal static partial Regex SilentCatch();

    [GeneratedRegex(@"\bcatch\s*(?:\(\s*(?:System\.)?Exception(?:\s+\w+)?\s*\))?\s*\{\s*(?:return;\s*)?\}")]
    internal static partial Regex CatchAllDoingNothing();
}
